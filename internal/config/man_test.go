package config

import (
	"fmt"
	"strings"
)

// manual returns the manual page vocoder.yaml(5), in mdoc(7).
func manual() string {
	var b strings.Builder
	b.WriteString(`.Dd November 22, 2026
.Dt VOCODER.YAML 5
.Os
.Sh NAME
.Nm vocoder.yaml
.Nd settings of vocoder
.Sh DESCRIPTION
.Nm
is a YAML file.
Without
.Fl Fl config
it is read from
.Pa $XDG_CONFIG_HOME/vocoder/vocoder.yaml ,
or
.Pa ~/.config/vocoder/vocoder.yaml
if that variable is not set.
Without the file, all settings have their defaults.
A setting that is unknown or out of range is an error, which has the line.
.Pp
Each setting below can also be given in the environment, under the name in
parentheses, and as a flag of the command: audio.tail is
.Fl Fl audio-tail .
A flag wins over the environment, and that over the file.
Durations are written 200ms, 30s or 2m; a bare number is seconds.
.Pa ~/
at the beginning of a file is the home folder.
Without it a file has its whole path.
Anchors, aliases and tags of YAML are errors: put a value that begins with
.Ql & ,
.Ql *
or
.Ql \&!
in quotes.
.Pp
.Ev WHISPER_URL , MAX_DURATION
and
.Ev DEBUG
are variables of other programs too: a value of them that cannot be used is only a
warning.
A variable whose name is nearly that of a setting is a warning.
.Pp
vocoder checks the settings in the same way at the start, at a reload, in
.Ql vocoder config check ,
.Ql vocoder config set ,
.Ql vocoder setup
and
.Ql vocoder doctor .
.Sh SETTINGS
.Bl -tag -width indent
`)
	for _, s := range settings {
		fmt.Fprintf(&b, ".It Cm %s Pq Ev %s\n", s.Name, strings.Join(s.envs(), " , "))
		for line := range strings.SplitSeq(s.Help, "\n") {
			b.WriteString(roff(line) + "\n")
		}
		if s.Default != "" {
			fmt.Fprintf(&b, "The default is\n.Ql %s .\n", s.Default)
		}
	}
	b.WriteString(`.It Cm bindings
A list of keys in place of
.Cm key , device , mode
and
.Cm grab .
Each entry has a
.Cm key
and may have a
.Cm device , mode , grab , language
and
.Cm task ,
which is that of
.Cm whisper.task .
.It Cm typing.applications
A list of programs with their own settings for typing.
Each entry has an
.Cm app :
the app_id of Wayland or the class of X11, which
.Ql vocoder layout
shows, on sway, Hyprland, niri and X11.
It may have a
.Cm pace , paste_chord , paste_limit , dead_keys
and
.Cm paste :
.Ql always
pastes every text, for a program that corrects what is typed;
.Ql never
leaves the clipboard alone, and keeps a text that cannot be typed.
.It Cm whisper
Instead of the settings of one recognizer, a list of several, the best first.
Each entry has a
.Cm url
and may have any of the settings of
.Cm whisper
above, of which
.Cm credential
is empty unless it is named there.
vocoder asks the first recognizer that works.
If it fails, vocoder sends the same utterance to the next one.
It asks the first one again as soon as that works.
An address in the environment or a flag replaces the list.
.El
.Sh VOCABULARY
A name is spelled as in the file, and what you say before => becomes what follows it, in
upper or lower case, with any apostrophe.
Only whole words count: the entry
.Ql it
is not in it's, but
.Ql Anna
is in Anna's.
.Ql \en
is a line break,
.Ql \et
a tab,
.Ql \e\e
a backslash.
If nothing follows =>, the words vanish, with their comma and space: um =>.
.Pp
The recognizer gets the names if it takes a prompt or hot words.
Then words that sound and are spelled like a name become the name: Hyperland, Cloud
Flare.
This is done in German, English, Spanish, French, Italian, Dutch, Portuguese and Russian.
A word that is common in the language that you speak, or in English, is never changed,
nor are words with a mark between them.
For what is still wrong, write what the recognizer wrote before => and the name after it:
.Ql cube control => kubectl .
.Sh SPOKEN PUNCTUATION
The name of a mark becomes the mark, unless it is meant as a word:
.Bl -bullet
.It
A name between two pauses is a mark, if the recognizer wrote a mark before and after it:
Hello, comma, how are you?
The beginning and end of an utterance and another spoken mark count as pauses.
.It
After an article, a number or a word like them a name is a word: a comma, a difficult
period, ein Punkt, sans virgule.
So it is in quotation marks, in a decimal number (drei Komma fünf), and in a list of
marks (a comma or a semicolon).
.It
The name of a line break is words if it goes on: a new line of products.
.It
These names are often words, and are a mark only with a reason: period, ellipsis, dash;
Punkt; point, point final, tiret, deux points, à la ligne; coma, punto, punto final, dos
puntos, guion, punto y aparte; punto, due punti, a capo; ponto, ponto final, dois pontos,
travessão; punt; and in Russian the names of the full stop and the dash.
Reasons are pauses on both sides; that a clause ends before it and a sentence ends or
begins after it (That is all period.); and other spoken marks in the utterance, which
show that you dictate marks.
In German, French, Spanish, Italian, Portuguese and Dutch the name of a full stop at the
end of a sentence is one, unless an article, a preposition or an adjective binds it.
.El
.Pp
What the recognizer itself wrote for the pauses around a name is removed, and what you
dictated stays.
To write a name as a word, say an article before it; to write a mark for sure, make a
short pause before and after its name.
.Pp
The names are
.Bl -tag -width indent
.It en
comma, period, full stop, question mark, exclamation mark, exclamation point, colon,
semicolon, dot dot dot, ellipsis, hyphen, dash, open parenthesis, close parenthesis,
open bracket, close bracket, open quote, close quote, new line, newline, new paragraph
.It de
Komma, Punkt, Fragezeichen, Ausrufezeichen, Doppelpunkt, Semikolon, Strichpunkt,
Auslassungspunkte, Bindestrich, Gedankenstrich, Klammer auf, Klammer zu,
Anführungszeichen auf, Anführungszeichen zu, neue Zeile, neuer Absatz
.It fr
virgule, point, point final, point d'interrogation, point d'exclamation, deux points,
deux-points, point virgule, point-virgule, points de suspension, trait d'union, tiret,
ouvrez la parenthèse, ouvrir la parenthèse, fermez la parenthèse, fermer la parenthèse,
ouvrez les guillemets, ouvrir les guillemets, fermez les guillemets, fermer les
guillemets, à la ligne, nouvelle ligne, nouveau paragraphe, point à la ligne
.It es
coma, punto, punto final, punto y coma, dos puntos, puntos suspensivos, abrir
interrogación, cerrar interrogación, abrir exclamación, cerrar exclamación, abrir
paréntesis, cerrar paréntesis, abrir comillas, cerrar comillas, guion, nueva línea,
nuevo párrafo, punto y aparte
.It it
virgola, punto, punto fermo, punto interrogativo, punto di domanda, punto esclamativo,
due punti, punto e virgola, puntini di sospensione, trattino, apri parentesi, chiudi
parentesi, apri virgolette, chiudi virgolette, a capo, nuova riga, nuovo paragrafo,
punto a capo, punto e a capo
.It pt
vírgula, ponto, ponto final, ponto de interrogação, ponto de exclamação, dois pontos,
ponto e vírgula, reticências, hífen, travessão, abre parênteses, fecha parênteses, abre
aspas, fecha aspas, nova linha, novo parágrafo
.It nl
komma, punt, vraagteken, uitroepteken, dubbele punt, puntkomma, koppelteken, haakje
openen, haakje sluiten, nieuwe regel, nieuwe alinea
.It ru
запятая, точка, вопросительный знак, знак вопроса, восклицательный знак, двоеточие,
точка с запятой, многоточие, дефис, тире, открыть скобку, закрыть скобку, открыть
кавычки, закрыть кавычки, новая строка, с новой строки, новый абзац
.El
.Sh SEE ALSO
.Xr vocoder 1 ,
.Xr vocoder-osd 1 ,
.Xr vocoderctl 1 ,
.Xr vocoder-inputd 8
`)
	return b.String()
}

// roff escapes a line of text, so that mdoc(7) finds no request or macro in it.
func roff(line string) string {
	line = strings.ReplaceAll(line, `\`, `\e`)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return strings.NewReplacer("“", `\(lq`, "”", `\(rq`, "—", `\(em`, "…", "...").Replace(line)
}
