package text

// The words next to the name of a mark show whether it is meant as a word. All tables are
// by language.

// binders are the words after which a name is a word: articles, pronouns with a noun,
// numbers, and prepositions that do not end a clause. "A comma", "this period", "ohne
// Punkt".
var binders = map[string]map[string]bool{
	"en": words(`a an the this that these those my your his her its our their each every another any some no which whose what one
		first second third without per between press type insert replace delete remove called named missing forgot brand`),
	"de": words(`der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner mein meine meinen meinem dein deine
		deinen deinem sein seine seinen seinem unser unsere unseren unserem euer eure ihr ihre ihren ihrem dieser diese dieses diesen diesem
		jeder jede jedes jeden jedem welcher welche welches welchen welchem mancher ohne für statt hinter zwischen pro per im am beim vom zum zur ans ins aufs mit von bei gegen über unter um jener jenen jenem
		irgendeinen bestimmten gewissen und oder als`),
	"fr": words(`le la les l un une des du de d au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs chaque
		quel quelle quels quelles aucun aucune plusieurs quelques quelque certains sans par en à avec pour sur entre trois quatre premier
		première et ou`),
	"es": words(`el la los las un una unos unas de del al a en con sin por para entre sobre hasta desde según este esta ese esa estos esas aquel
		aquella mi tu su nuestro nuestra sus mis cada algún alguna ningún ninguna cualquier otro otra qué que cuál cuyo primer primera tercer
		gran buen mal dos tres cuatro cinco y o ni no si cuando quien ojalá quizá quizás usted se lo le me te hacer hace hago hacía haciendo
		presenta lanza estrena inaugura`),
	"it": words(`il lo la l i gli le un uno una di a da in con su per tra fra del dello della dei delle al allo alla ai alle dal dalla nel nello
		nella nei sul sulla questo questa quel quella quello mio mia tuo tua suo sua nostro nostra vostro loro ogni qualche nessun nessuna
		quale che altro altra primo prima due tre quattro cinque senza e o né`),
	"pt": words(`o a os as um uma uns umas de do da dos das em no na nos nas num numa com sem por para pelo pela ao à até este esta esse essa
		aquele aquela deste desta desse dessa neste nesta nesse nessa meu minha teu tua seu sua nosso nossa cada algum alguma nenhum nenhuma
		qualquer outro outra que qual cujo primeiro primeira dois duas três quatro e ou nem lança apresenta`),
	"nl": words(`de het een dit dat deze die mijn jouw je uw zijn haar ons onze hun elke elk ieder iedere geen welk welke enkele twee drie vier
		zonder per tussen voor na op in van met bij te ter en of als`),
	"ru": words(`эта этот это та тот каждая каждый одна один наша наш моя мой твоя его её их мое моё какая какой эту ту нужна нужен нужно нужны
		стоит стоял стояла ставится ставить ставь поставь поставить пропущена пропущен лишняя лишний где тут без через в на с и или не убери убрать
		уберите забыл забыла пишется пишутся начни начните начать начинается начинаются начинаем начнём начнем начинай начинайте продолжай продолжайте продолжим продолжать называется значит вместо перед после между а пиши пишите сделай сделайте вставь вставьте добавь добавьте остался осталась осталось только забыта
		забыт забыто поставлена поставлен поставлено`),
}

// adjectives come between a word of binders and a name: "a difficult period".
var adjectives = map[string]map[string]bool{
	"en": words(`big huge large small little short long brief single double extra last final next right wrong new old red inverted trailing leading
		decimal oxford serial missing different difficult hard easy good bad great whole entire same certain early later late recent trial grace
		time notice waiting test transition rest study cooling-off very other hot thin thick rapid quick mad sudden only own product bus
		classical romantic`),
	"de": words(`groß klein schwierig wichtiger wichtigen wichtige guter guten nächster nächste nächsten letzter letzte letzten erster erste ersten zweite
		zweiten dritten schwacher schwachen wunder wunden toter toten kritischer kritischen springende interessanter richtiger ganz entscheidende
		entscheidenden höchste höchsten tiefste tiefsten neue neuen leere leeren einzige einzigen gleichen selben`),
	"fr": words("bon mauvais premier première dernier dernière autre même seul seule grand petit certain tel nouveau nouvelle fameux double beau excellent gros énorme tout"),
	"es": words("gran buen mal mismo misma único única primer último última excelente nuevo nueva pequeño cierto alto bajo mejor peor enorme tanto tal"),
	"it": words("buon ottimo bel primo ultimo ultima stesso stessa solo unico certo tal grande piccolo nuovo nuova miglior grosso enorme tutto"),
	"pt": words("só bom ótimo mau primeiro último última mesmo mesma único certo tal grande pequeno novo nova melhor pior enorme excelente"),
	"nl": words("goed mooi sterk zwak eerste tweede laatste volgende bepaald belangrijk groot klein enige nieuwe hetzelfde zelfde hoogste laagste"),
	"ru": words("важная важный хорошая новая новый первая первый последняя последний большая большой главная конечная исходная опорная красная большое"),
}

// enders are the words that end a clause, so that a name after them is no noun: "that is
// all period".
var enders = map[string]map[string]bool{
	"en": words(`it him them me us all now then here there today tomorrow yesterday tonight again too well soon later please yet already away back
		home ok okay done gone is are was were be been ago anyway either instead together forever always never ever alone myself yourself himself
		herself themselves mine yours ours theirs thanks know you not out off down up follows`),
	"ru": words(`всё все меня тебя его её нас вас их мне тебе ему ей нам вам им там тут здесь сейчас сегодня завтра вчера домой дома потом уже опять
		снова хорошо спасибо пожалуйста`),
}

// followers are the words after a name that continue a noun, or tell something about it: "a
// new line of products", "comma is missing". They count at the beginning of a text, and
// after names of line breaks.
var followers = map[string]map[string]bool{
	"en": words(`of in for from with at on to by is are was were has after before between means goes belongs and or character characters items
		item extensions manager cinema over about key or versus`),
	"de": words(`von im in für des der aus am mit bei ist war wird hat vor nach zwischen oder und heißt gehört fehlt steht kommt beginnt`),
	"fr": words("de du des d dans pour avec est était sera sur après avant entre et ou manque suivante"),
	"es": words("de del en para con es era fue será tras después antes entre y o falta más menos bien algo fruta verdura todo despacio mucho poco"),
	"it": words("di del della dei delle dell in per con è era sarà dopo prima tra e o manca"),
	"pt": words("de do da dos das em para com é era foi será depois antes entre e ou falta"),
	"nl": words("van in voor met is was wordt na tussen en of ontbreekt"),
	"ru": words("в для из с после перед между это и или нужна нужен ставится стоит не была зрения"),
}

// compounds are the words after a name that are one noun with it, anywhere: "comma
// splice".
var compounds = map[string]map[string]bool{
	"en": words(`separated delimited splice splices key keys cancer cancers surgery polyp polyps cleanse cleansing screening health problems emoji
		symbol symbols sign operator character characters block blocks`),
	"de": words("setzen gesetzt getrennt getrennte fehlt fehlen weglassen vergessen löschen einfügen stehen steht"),
	"fr": words("flottante flottant"), "es": words("flotante flotantes decimal inducido profundo profunda etílico"), "it": words("mobile mobili"),
	"pt": words("flutuante flutuantes"), "nl": words("zetten gezet vergeten weglaten"), "ru": words("нужна нужен ставится стоит пропущена лишняя"),
}

// numbers are the words for numbers in languages that write a decimal comma: "drei Komma
// fünf".
var numbers = map[string]map[string]bool{
	"de": words("null ein eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig hundert"),
	"fr": words("zéro un deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante cent"),
	"es": words("cero uno una dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cien"),
	"it": words("zero uno due tre quattro cinque sei sette otto nove dieci undici dodici venti trenta cento"),
	"pt": words("zero um uma dois duas três quatro cinco seis sete oito nove dez onze doze vinte trinta cem"),
	"nl": words("nul een één twee drie vier vijf zes zeven acht negen tien elf twaalf twintig honderd"),
	"ru": words("ноль один два три четыре пять шесть семь восемь девять десять двадцать сто"),
}

// negations are the words before "point" as an adverb: il ne vient point.
var negations = map[string]map[string]bool{"fr": words("ne n")}

// pointers are the words of binders that are often no article: how is this, hoe gaat het.
var pointers = words("this that das dies het dit dat")

// openers are the verbs of names such as "open quote" in languages in which such a name is
// a clause, and modals are the words before it as a clause: hay que cerrar comillas.
var openers = words("abrir cerrar abre fecha apri chiudi ouvrez ouvrir fermez fermer открыть закрыть")

var modals = map[string]map[string]bool{
	"fr": words("faut peut peux pouvez pouvons doit dois devez devons vais va veux veut oublié fait aller"),
	"es": words("hay debes debe puedes puede quiero olvidé olvidó voy va vas hizo hacer tocó"),
	"it": words("non prima poi tu lui se"),
	"pt": words("ele ela quem não você ninguém professor depois"),
	"ru": words("нужно надо можно забыл забыла забудь забудьте не чтобы нельзя пора осталось хочу"),
}

// restarts are the words that go on with a sentence after a name at the beginning of a
// text: comma but.
var restarts = words(`and but or so because which who that und aber oder weil dass et mais que qui parce y pero porque e ma perché mas ou en maar
	omdat и но а что который которая потому если когда`)

// subjects are the languages in which a noun at the beginning of a sentence has no
// article.
var subjects = set("ru")

// exclamations are the words of binders before an adjective that is no noun's: que bom!
var exclamations = words("que qué che quel quelle what")

// copulas are the verbs after a noun with an article and an adjective: the ascending colon
// is.
var copulas = words("is are was were has ist war hat est était es era è é")
