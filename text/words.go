package text

import "strings"

// words returns the words of a list.
func words(list string) map[string]bool { return set(strings.Fields(list)...) }

// small are the words, by language, that have a capital only at the beginning of a
// sentence: articles, pronouns, prepositions, conjunctions, auxiliary verbs. Words that
// are also names or nouns of the language are left out (en: may, will; de: Sie, sein).
var small = map[string]map[string]bool{
	"en": words(`and but or so because since although though unless whether that which who to of in on at for with from by about after before into
		onto over under until as is are was were be been if when while then than the a an it its he she they we you me him them this these those
		there their his her our your my not where what how why can could would should must have has had do does did very just also still even
		only more most some any many much`),
	"de": words(`und aber oder weil dass der die das den dem des ein eine einen einem einer eines mit von zu zum zur auf für bei nach ist sind
		war waren wenn als wie nicht auch ich wir du man er es um am im in an aus vor über unter durch gegen ohne bis seit kann können muss müssen
		soll wird werden wurde hat haben hatte dieser diese dieses diesem diesen sich so dann doch noch nur schon sehr hier da dort mein meine dein
		seine unser unsere`),
	"fr": words(`et mais ou que qui le la les un une des de du à dans pour avec sur est je nous y vous tu il elle ils elles on ce cette ces si votre
		vos comme par en ne pas plus sans sous sa ses mon ma mes leur leurs au aux dont où quand puis donc ni se lui très aussi`),
	"es": words(`y pero o el la los las del de con por para en que no un una unos unas se su sus si es está esta este estas estos hay puede puedes
		pueden debe usted como más muy ya lo le les me te nos mi mis tu tus al sin sobre entre hasta desde cuando donde porque aunque también e u
		a ni`),
	"it": words(`e ma che il lo la gli le di da per non con si se come puoi può deve hai ha questo questa questi queste un una uno del della dei
		delle degli al alla ai nel nella in su sul sono è anche più quando dove perché mi ti ci vi suo sua mio mia o a i`),
	"pt": words(`mas com em de do da dos das que o a os as e um uma não no na nos nas por para se como mais já ao à pelo pela seu sua meu minha
		este esta esse essa isso é está são ou quando onde porque também eu ele ela eles elas nós você vocês`),
	"nl": words(`maar en of het een van dat niet de die in op te met voor aan er is zijn was als dan bij ook naar om uit over ik je jij we wij hij
		ze zij wat waar hoe nog wel heeft hebben kan kunnen moet`),
	"ru": words(`и а но в во на с со по для из от до к у о об за как если что чтобы когда где который которая которое которые вы ты он она оно они
		мы я это не ни же или да то так при через без под между после перед его её ее их мой моя наш наша этот эта эти тот та те все уже ещё
		только очень можно нужно`),
}

// nameParts are words of small that are parts of names, or names, in other languages: Los
// Angeles, Da Vinci, hepatitis A.
var nameParts = words(`el la los las le les il lo da de do dos das del della dei di du des van von der den die das a e i o u y à os em het al su
	sa si se man can come con sur per son ma mi`)

// articles are the words before the name of a person: Ludwig van Beethoven.
var articles = words("di da de del della dalla dei lo la le el los las van von der den du des dos do al")

// articleNames are names of two words that begin with an article. The article keeps its
// capital within a sentence.
var articleNames = map[string]map[string]bool{
	"en": set("the hague"),
	"de": set("den haag", "der spiegel", "die zeit", "die welt", "die linke", "die grünen", "das erste"),
	"fr": set("le havre", "le mans", "le monde", "le figaro", "le caire", "la rochelle", "la haye", "la mecque", "la réunion", "la havane", "les halles", "les misérables"),
	"es": set("los ángeles", "la paz", "la habana", "la rioja", "la coruña", "la mancha", "la meca", "la haya", "el salvador", "el cairo", "el país",
		"el escorial", "el mundo", "las vegas", "las palmas", "a coruña"),
	"it": set("la spezia", "la scala", "la stampa", "la repubblica", "il cairo", "la mecca", "la valletta", "le monde", "il sole"),
	"pt": set("o globo", "os lusíadas", "os maias", "a coruña"),
	"nl": set("den haag", "den bosch", "de bilt", "de morgen", "de telegraaf"),
}

// labels are the words before a single letter that is a name: plan A, vitamin E.
var labels = words(`plan class group team type level grade section appendix exhibit option vitamin hepatitis letter terminal point gate
	klasse gruppe typ stufe abschnitt anhang variante buchstabe teil punkt gleis clase grupo tipo nivel opción vitamina letra sección
	plano classe opção letra hepatite groupe niveau option vitamine hépatite lettre piano gruppo livello opzione epatite lettera план гепатит группа витамин буква класс`)

// abbreviations are words, by language, that end with a full stop also within a sentence.
var abbreviations = map[string]map[string]bool{
	"en": words("mr mrs ms dr st prof etc vs approx dept inc ltd jr sr co corp ave govt est fig figs vol eds cf al ca gen lt sgt rev hon capt jan feb aug sept oct nov dec"),
	"de": words(`bzw usw ca evtl vgl ggf etc inkl exkl zzgl dr prof st nr str tel abs bspw mio mrd geb gest hr fr allg sog max min jh dipl ing med phil
		jur mo di mi do fr sa so jan feb aug sept okt nov dez`),
	"fr": words("m mm mme mlle dr pr etc cf ex env av bd tél st ste pp vol no art p"),
	"es": words("sr sra srta dr dra dª dña ud uds vd etc av avda pág págs núm tel ej aprox máx mín ee uu art depto"),
	"it": words("sig sigg dott dr prof ecc pag pagg ing avv arch art cap tel cfr rag geom ca"),
	"pt": words("sr sra srta dr dra prof profa etc av pág tel ex exa exmo exma art núm aprox"),
	"nl": words("bijv enz dhr mevr mw dr prof nr ca blz tel resp incl excl"),
	"ru": words("др пр гг ул стр руб коп тыс млн млрд им проф см рис напр кв корп обл просп"),
}

// ordinals are languages that write an ordinal number as a number with a full stop.
var ordinals = set("de", "cs", "sk", "sl", "hr", "bs", "sr", "pl", "da", "no", "nn", "fi", "et", "lv", "hu", "is", "tr")

// elisions are the words, without their apostrophe, that are joined to the next word.
var elisions = words(`l d j m t s c n qu jusqu lorsqu puisqu quoiqu quelqu presqu dell all dall nell sull coll un bell quell quest sant gl anch
	cos mezz tutt nessun qualcun buon`)

// conjunctions are words, by language, that seldom begin a sentence.
var conjunctions = map[string]map[string]bool{
	"en": words("and or which than"), "de": words("und oder"), "fr": words("et ou que qui de"), "es": words("y o que de del"), "it": words("e o che"),
	"pt": words("e ou que"), "nl": words("en of"), "ru": words("и или который которая которое которые"),
}

// interrogatives are the words of conjunctions, by language, that also begin a question.
var interrogatives = map[string]map[string]bool{
	"en": words("which"), "fr": words("que qui de"), "es": words("que de"), "it": words("che"), "pt": words("que"),
	"ru": words("который которая которое которые"),
}

// conditions are words at the beginning of a subordinate clause that a main clause
// follows.
var conditions = words("if unless when while although wenn falls obwohl si cuando aunque quand lorsque se quando sebbene если когда хотя indien embora")

// prepositions are words that seldom begin a main clause.
var prepositions = words(`instead with without of for from statt anstatt mit ohne für von a al en con sin para por au à avec sans pour da di per
	senza invece вместо с без для от из`)
