// Package fluent provides speech without pauses. It measures the errors that result
// because vocoder transcribes it in pieces, during the recording.
package fluent

import (
	"fmt"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// A Clip is a person who speaks for 25 to 45 s, at pcm.Rate, until its last
// frame. Words is empty if it is not known to the word.
type Clip struct {
	speech.Clip
	Language speech.Language
	Written  string // the text that the person read, nearly; empty if it is not known
}

// written are the texts of demo-congrats by language, as the packages
// asterisk-core-sounds-* list them. The people read other words here and there.
var written = map[string]string{
	"en": "Congratulations! You have successfully installed and executed the Asterisk open source PBX. You have also installed a set of sample sounds and configuration files that should help you get started. " +
		"Like a normal PBX, you will navigate this demonstration by dialing digits. If you are using a console channel driver instead of a real phone, you can use the dial, answer, and hangup commands to " +
		"simulate the actions of a standard telephone.",
	"es": "Felicidades, usted ha instalado y ejecutado exitosamente su PBX de código abierto, Asterisk. También ha instalado una serie de sonidos y archivos de configuración que le ayudarán a comenzar. " +
		"Al igual que una PBX normal, usted navegará esta demostración tecleando dígitos en su teléfono. Si está usando el canal de consola a cambio de un teléfono físico, puede usar los comandos dial, " +
		"answer y hangup para simular su teléfono.",
	"fr": "Félicitations, vous avez bien installé et exécuté le projet libre Asterisk. Vous avez aussi installé quelques fichiers audios et les fichiers de configuration qui devraient vous aider à démarrer. " +
		"Comme avec tout central téléphonique, vous naviguerez dans cette démonstration en appuyant sur les chiffres. Si vous utilisez un pilote de canaux console, au lieu d'un vrai téléphone, vous pouvez " +
		"utiliser les commandes dial, answer et hangup pour simuler les actions d'un téléphone standard.",
	"it": "Congratulazioni. Hai installato ed eseguito con successo il PBX open source Asterisk. Hai anche installato una serie di suoni di esempio e file di configurazione che ti dovrebbero aiutare ad iniziare. " +
		"Come un normale PBX navigherai in questa demo digitando dei numeri. Se stai usando un canale gestito da console al posto di un normale telefono puoi usare i comandi dial, answer e hangup per simulare " +
		"il comportamento di un telefono standard.",
	"ru": "Поздравляем! Вы закончили установку и выполнение программы ай-пи телефонной станции Астериск. Вы также установили набор типовых звуков и конфигурационных файлов, которые помогут вам начать работу. " +
		"Вы сможете перемещаться по данной демонстрации при помощи пронумерованных кнопок, как и в любой обычной телефонной станции. Если вместо обычного телефонного аппарата вы используете программу, вы " +
		"можете пользоваться теми же командами набора номера, ответа на вызов, окончания вызова, как и на обычном телефоне.",
}

// Clips returns the prompt demo-congrats in each language, five sentences of a novel in
// their order and backwards, and the days, months and numbers to ten of each language.
// Recordings of single words are joined with a gap between words that is too short for a
// pause.
func Clips() ([]Clip, error) {
	var all []Clip
	for _, l := range speech.Languages {
		reading, err := l.Prompt("demo-congrats")
		if err != nil {
			return nil, err
		}
		all = append(all, Clip{trim(reading), l, written[l.Code]})
	}
	sentences, err := novel()
	if err != nil {
		return nil, err
	}
	english := speech.Languages[0]
	all = append(all, Clip{Clip: join("a novel", sentences), Language: english})
	for i, j := 0, len(sentences)-1; i < j; i, j = i+1, j-1 {
		sentences[i], sentences[j] = sentences[j], sentences[i]
	}
	all = append(all, Clip{Clip: join("a novel, backwards", sentences), Language: english})
	for _, l := range speech.Languages {
		words, err := l.Words()
		if err != nil {
			return nil, err
		}
		all = append(all, Clip{Clip: join("words", words[:30]), Language: l})
	}
	return all, nil
}

// novel returns the sentences of LibriVox.
func novel() (sentences []speech.Clip, err error) {
	clips, err := speech.Clips()
	for _, c := range clips {
		if strings.HasPrefix(c.Name, "sense_and_sensibility") {
			sentences = append(sentences, c)
		}
	}
	if err == nil && len(sentences) != 5 {
		err = fmt.Errorf("%d sentences of a novel, want 5", len(sentences))
	}
	return sentences, err
}

// gap is the pause of fluent speakers between words, without 2*margin.
const gap = 160 * time.Millisecond

// join returns clips as one, with a gap between them. It drops the silence before and
// after each clip.
func join(name string, clips []speech.Clip) speech.Clip {
	for i, c := range clips {
		clips[i] = trim(c)
	}
	return speech.Join(name, gap, clips...)
}

// margin is the length of silence that trim leaves before the first word and after the
// last.
const margin = pcm.VoiceFrame

// trim returns a clip at pcm.Rate in whole frames, without the silence before and after
// the voice. A clip without a voice keeps all frames.
func trim(c speech.Clip) speech.Clip {
	c.Clip = pcm.Clip{Rate: pcm.Rate, Samples: c.At(pcm.Rate)}
	voice := vad.Detect(c.Clip)
	from, to := 0, len(c.Samples)/vad.Window
	if voice.Total() > 0 {
		from, to = frames(voice.Before()-margin), to-frames(voice.After()-margin)
	}
	c.Samples = c.Samples[from*vad.Window : to*vad.Window]
	return c
}

func frames(d time.Duration) int { return int(max(0, d) / pcm.VoiceFrame) }
