package whisper

import "strings"

// phrases are the words that Whisper makes up when it hears nothing. It learned them
// from the subtitles under the silent ends of films. People say most of them too, so
// filter refuses one only if it is suspicious. They are plain texts.
var phrases = []string{
	// English
	"thank you", "thanks", "thank you very much", "thank you so much", "thanks a lot", "thank you thank you",
	"thanks for watching", "thank you for watching", "thanks for listening", "thank you for listening",
	"thank you for your attention", "thank you for your support", "thanks for your support", "thank you for joining us", "thank you for watching and see you next time",
	"thank you for watching please subscribe", "please subscribe", "please subscribe to my channel", "subscribe",
	"like and subscribe", "dont forget to subscribe", "dont forget to like and subscribe",
	"please like and subscribe", "see you", "see you next time", "see you later", "see you in the next video",
	"ill see you in the next video", "ill see you next time", "bye", "bye bye", "goodbye", "you", "oh", "so", "the",
	"the end", "okay", "ok", "yeah", "hmm", "mm", "uh", "um", "i", "a", "and", "its", "im sorry", "all right", "well be right back",
	"to be continued", "transcribed by", "i dont know",
	// German
	"danke", "vielen dank", "vielen dank fürs zuschauen", "danke fürs zuschauen", "danke schön", "bis zum nächsten mal",
	"tschüss", "das wars für heute", "und", "ja", "so", "bis bald",
	// French
	"merci", "merci beaucoup", "merci davoir regardé cette vidéo", "merci davoir regardé", "à bientôt", "au revoir",
	"abonnezvous", "noubliez pas de vous abonner",
	// Spanish, Portuguese, Italian, Dutch
	"gracias", "muchas gracias", "gracias por ver", "gracias por ver el video", "suscríbete", "suscríbete al canal",
	"obrigado", "obrigada", "obrigado por assistir", "tchau", "grazie", "grazie a tutti", "grazie per la visione", "grazie mille",
	"dank je wel", "bedankt", "bedankt voor het kijken", "tot de volgende keer",
	// Slavic and Turkish
	"спасибо", "спасибо за просмотр", "продолжение следует", "до свидания", "dziękuję", "dziękuję za uwagę",
	"dziękuję za obejrzenie", "děkuji", "děkuji za pozornost", "teşekkürler", "izlediğiniz için teşekkür ederim",
	"izlediğiniz için teşekkürler", "altyazı mk",
	// Chinese, Japanese, Korean
	"谢谢", "谢谢大家", "谢谢观看", "谢谢收看", "請不吝點贊訂閱轉發打賞支持明鏡與點點欄目", "请不吝点赞订阅转发打赏支持明镜与点点栏目",
	"ありがとうございました", "ご視聴ありがとうございました", "ご視聴ありがとうございます", "おやすみなさい", "チャンネル登録をお願いいたします",
	"감사합니다", "시청해주셔서 감사합니다", "구독과 좋아요 부탁드립니다",
}

// credits are words in the credits of films that are rare elsewhere. They are plain
// texts.
var credits = []string{
	"amaraorg", "opensubtitles", "untertitel im auftrag des zdf", "untertitelung des zdf", "untertitel der amara", "swr 20",
	"soustitres réalisés", "soustitrage st", "soustitrage société radiocanada", "subtítulos realizados por", "legendas pela comunidade",
	"sottotitoli creati dalla comunità", "sottotitoli e revisione a cura di", "ondertitels ingediend door", "субтитры сделал", "субтитры создавал", "редактор субтитров",
	"napisy stworzone przez", "titulky vytvořil", "字幕由", "字幕志愿者", "中文字幕志愿者", "字幕by",
	"transcription by castingwords", "transcript emily beynon", "subtitles by the", "captioning by", "transcribed by httpsotterai",
}

// sounds are words that recognizers write in brackets for sounds. They are plain
// texts.
var sounds = strings.Fields(`
	blankaudio silence silent pause inaudible unintelligible indistinct crosstalk noise noises static sound sounds music musical song singing
	sings humming hums whistling whistles applause applauding clapping claps cheering laughter laughing laughs chuckles chuckling giggles cough
	coughs coughing sneezes sneezing sigh sighs sighing gasps gasping breathing breathes exhales inhales sniffs sniffing sniffles groans grunts
	footsteps clicking clicks click typing beep beeps beeping buzzing ringing rings knocking drumming beating thunder wind rain engine barking
	barks chirping speaking chatter chattering musik stille gelächter lachen lacht applaus geräusche räuspern hustet husten musique rires rire
	applaudissements silencieux bruit toux música risas aplausos silencio tos risos silêncio musica risate applausi silenzio muziek gelach
	stilte музыка аплодисменты смех тишина muzyka śmiech cisza hudba smích müzik alkış 音楽 拍手 笑い 笑 音乐 音樂 掌声 掌聲 笑声 沉默 음악 박수 웃음
`)

// soundWords are words next to those of sounds in the same brackets.
var soundWords = strings.Fields(`
	soft softly quiet loud loudly upbeat dramatic gentle calm tense sad happy light eerie ominous piano guitar orchestral electronic classical
	rock jazz theme intro outro background playing plays continues stops fades in foreign language audience crowd heavy deep deeply throat
	clears mouse keyboard door phone bell drum dog birds white
`)
