package speech

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Language is a language for which Debian has telephone prompts.
type Language struct {
	Code   string // ISO 639-1
	Locale string // of a person who speaks it
	Layout string // keyboard layout, as xkeyboard-config names it

	folder   string // of its prompts, which names the voice
	days     string // Sunday first, as in day-0.wav to day-6.wav
	months   string // as in mon-0.wav to mon-11.wav
	ones     string // 0 to 20
	tens     string // 30, 40 ... 90
	sentence string // of conf-onlyperson.wav
}

// PromptFolder is the folder of Debian's packages asterisk-core-sounds-*-wav.
const PromptFolder = "/usr/share/asterisk/sounds"

// Languages are the languages of the packages. A word of two parts has a hyphen.
var Languages = []Language{
	{
		Code: "en", Locale: "en_US.UTF-8", Layout: "us", folder: "en_US_f_Allison",
		days:   "sunday monday tuesday wednesday thursday friday saturday",
		months: "january february march april may june july august september october november december",
		ones: "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " +
			"seventeen eighteen nineteen twenty",
		tens:     "thirty forty fifty sixty seventy eighty ninety",
		sentence: "you are currently the only person in this conference",
	},
	{
		Code: "es", Locale: "es_MX.UTF-8", Layout: "es", folder: "es_MX_f_Allison",
		days:   "domingo lunes martes miércoles jueves viernes sábado",
		months: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		ones: "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis " +
			"diecisiete dieciocho diecinueve veinte",
		tens:     "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
		sentence: "por el momento usted es la única persona en la conferencia",
	},
	{
		Code: "fr", Locale: "fr_FR.UTF-8", Layout: "fr", folder: "fr_CA_f_June",
		days:   "dimanche lundi mardi mercredi jeudi vendredi samedi",
		months: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		ones: "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize " +
			"dix-sept dix-huit dix-neuf vingt",
		tens:     "trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix",
		sentence: "vous êtes présentement le seul participant dans cette conférence",
	},
	{
		Code: "it", Locale: "it_IT.UTF-8", Layout: "it", folder: "it_IT_m_Carlo",
		days:   "domenica lunedì martedì mercoledì giovedì venerdì sabato",
		months: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		ones: "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici " +
			"diciassette diciotto diciannove venti",
		tens:     "trenta quaranta cinquanta sessanta settanta ottanta novanta",
		sentence: "attualmente sei l'unica persona in questa conferenza",
	},
	{
		Code: "ru", Locale: "ru_RU.UTF-8", Layout: "ru", folder: "ru_RU_f_IvrvoiceRU",
		days:   "воскресенье понедельник вторник среда четверг пятница суббота",
		months: "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
		ones: "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать " +
			"четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать",
		tens:     "тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
		sentence: "",
	},
}

// Wordless reports whether the prompt with that name has no words.
func Wordless(name string) bool {
	return slices.ContainsFunc(wordless, func(w string) bool {
		return name == w || strings.HasSuffix(w, "/") && strings.HasPrefix(name, w)
	})
}

// wordless are the prompts without words: tones, silence, jingles, animals.
var wordless = []string{"ascending-2tone", "descending-2tone", "confbridge-join", "confbridge-leave", "beep", "beeperr", "beeperror", "spy-jingle", "tt-monkeys", "silence/"}

// Prompts returns the first n prompts with words, in the order of their names. They have
// 8,000 samples a second and are one to ten seconds long.
func (l Language) Prompts(n int) ([]Clip, error) {
	return l.prompts(os.DirFS(filepath.Join(PromptFolder, l.folder)), n)
}

func (l Language) prompts(data fs.FS, n int) ([]Clip, error) {
	var names []string
	err := fs.WalkDir(data, ".", func(file string, d fs.DirEntry, err error) error {
		name, isWAV := strings.CutSuffix(file, ".wav")
		if err != nil || !isWAV || Wordless(name) {
			return err
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find prompts (Debian package asterisk-core-sounds-%s-wav): %w", l.Code, err)
	}
	slices.Sort(names)
	var clips []Clip
	for _, name := range names[:min(n, len(names))] {
		c, err := prompt(data, name, "")
		if err != nil {
			return nil, err
		}
		clips = append(clips, c)
	}
	return clips, nil
}

// Sentence returns a prompt of several seconds, with its words.
func (l Language) Sentence() (Clip, error) {
	return prompt(os.DirFS(filepath.Join(PromptFolder, l.folder)), "conf-onlyperson", l.sentence)
}

// Prompt returns the prompt with that name, without its words.
func (l Language) Prompt(name string) (Clip, error) {
	return prompt(os.DirFS(filepath.Join(PromptFolder, l.folder)), name, "")
}

// Words returns the prompts of one word: a day, a month or a number.
func (l Language) Words() ([]Clip, error) {
	return l.words(os.DirFS(filepath.Join(PromptFolder, l.folder)))
}

func (l Language) words(data fs.FS) (clips []Clip, err error) {
	for _, set := range []struct {
		words string
		name  func(i int) string
	}{
		{l.days, func(i int) string { return "day-" + strconv.Itoa(i) }},
		{l.months, func(i int) string { return "mon-" + strconv.Itoa(i) }},
		{l.ones, strconv.Itoa},
		{l.tens, func(i int) string { return strconv.Itoa(10*i + 30) }},
	} {
		for i, word := range strings.Fields(set.words) {
			c, err := prompt(data, path.Join("digits", set.name(i)), word)
			if err != nil {
				return nil, fmt.Errorf("%w (Debian package asterisk-core-sounds-%s-wav)", err, l.Code)
			}
			clips = append(clips, c)
		}
	}
	return clips, nil
}

func prompt(data fs.FS, name, words string) (c Clip, err error) {
	f, err := data.Open(name + ".wav")
	if err != nil {
		return c, err
	}
	defer func() { _ = f.Close() }() // it was only read
	sound, err := pcm.ReadWAV(f)
	if err != nil {
		return c, fmt.Errorf("read %s: %w", name, err)
	}
	return Clip{Name: name, Words: words, Clip: sound}, nil
}

// Join returns clips of one rate as one, with a pause between them.
func Join(name string, pause time.Duration, clips ...Clip) (all Clip) {
	all.Name = name
	for i, c := range clips {
		all.Rate = c.Rate
		if i > 0 {
			all.Samples = append(all.Samples, make([]int16, int(pause.Seconds()*float64(c.Rate)))...)
			all.Words += " "
		}
		all.Samples = append(all.Samples, c.Samples...)
		all.Words += c.Words
	}
	return all
}
