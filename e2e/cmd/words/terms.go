package main

import "strings"

// A language has names and terms, and sentences in which people say them.
type language struct {
	code      string
	voice     string // of the synthesizer
	names     string // separated by commas
	sentences string // one on each line, with % for the name
	human     []human
}

// A human is a recording of a person who says a name. It is one of Debian's packages
// asterisk-core-sounds-*-wav and pocketsphinx-testdata.
type human struct{ file, name string }

const asterisk, librivox = "/usr/share/asterisk/sounds/", "/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb-"

func (l language) all() []string { return strings.Split(l.names, ", ") }

var languages = []language{
	{
		code: "en", voice: "en-US",
		names: "Kubernetes, PostgreSQL, Grafana, Prometheus, Terraform, Ansible, Hyprland, PipeWire, Elasticsearch, Supabase, Cloudflare, Nextcloud, " +
			"Szczepanski, Siobhan, Thibault, Giuseppe, metformin, atorvastatin, omeprazole, levothyroxine, Worcestershire, Reykjavik, New Relic, Raspberry Pi",
		sentences: "Please ask them tomorrow about %.\nIn the meeting we talked about %.\nI wrote a long letter yesterday about %.",
		human: []human{
			{asterisk + "en_US_f_Allison/demo-congrats.wav", "Asterisk"}, {asterisk + "en_US_f_Allison/demo-abouttotry.wav", "Digium"},
			{asterisk + "en_US_f_Allison/demo-thanks.wav", "Asterisk"}, {asterisk + "en_US_f_Allison/demo-moreinfo.wav", "Asterisk"},
			{librivox + "0870.wav", "Dashwood"},
		},
	},
	{
		code: "de", voice: "de-DE",
		names: "Kubernetes, PostgreSQL, Grafana, Prometheus, Terraform, Ansible, Nextcloud, Elasticsearch, Weizenbaum, Kowalczyk, Schwarzenbeck, Brzezinski, " +
			"Metformin, Atorvastatin, Omeprazol, Levothyroxin, Reykjavik, Bietigheim, Garmisch, Dinkelsbühl",
		sentences: "Bitte fragen Sie morgen nach %.\nGestern sprachen wir lange über %.\nIch schrieb ihm einen langen Brief über %.",
	},
	{
		code: "fr", voice: "fr-FR",
		names: "Kubernetes, PostgreSQL, Grafana, Terraform, Nextcloud, Elasticsearch, Thibault, Guillaumin, Szczepanski, Levothyrox, " +
			"Metformine, Atorvastatine, Oméprazole, Reykjavik, Châteauroux, Plougastel, Guingamp, Carcassonne",
		sentences: "Il faut demander demain matin à %.\nHier soir nous avons parlé de %.\nJ'ai écrit une longue lettre sur %.",
		human:     []human{{asterisk + "fr_CA_f_June/demo-congrats.wav", "Asterisk"}},
	},
	{
		code: "es", voice: "es-ES",
		names: "Kubernetes, PostgreSQL, Grafana, Terraform, Nextcloud, Elasticsearch, Etxeberria, Goikoetxea, Wojciechowski, Levotiroxina, " +
			"Metformina, Atorvastatina, Omeprazol, Reikiavik, Fuengirola, Tegucigalpa, Xochimilco, Popocatépetl",
		sentences: "Hay que preguntar mañana por %.\nAyer hablamos mucho de %.\nEscribí una carta muy larga sobre %.",
		human:     []human{{asterisk + "es_MX_f_Allison/demo-congrats.wav", "Asterisk"}, {asterisk + "es_MX_f_Allison/demo-moreinfo.wav", "Asterisk"}},
	},
	{
		code: "it", voice: "it-IT",
		names: "Kubernetes, PostgreSQL, Grafana, Terraform, Nextcloud, Elasticsearch, Szczepanski, Mastrangelo, Bevilacqua, Levotiroxina, " +
			"Metformina, Atorvastatina, Omeprazolo, Reykjavik, Domodossola, Caltanissetta, Roccaraso, Cinisello",
		sentences: "Bisogna chiedere domani di %.\nIeri abbiamo parlato molto di %.\nHo scritto una lunga lettera su %.",
		human:     []human{{asterisk + "it_IT_m_Carlo/demo-congrats.wav", "Asterisk"}, {asterisk + "it_IT_m_Carlo/demo-moreinfo.wav", "Asterisk"}},
	},
	{
		code: "ru", voice: "voice_msu_ru_nsh_clunits",
		names: "Кубернетес, Графана, Терраформ, Прометеус, Некстклауд, Вайценбаум, Щепаньский, Рейкьявик, Левотироксин, Метформин, Аторвастатин, " +
			"Омепразол, Хабаровск, Екатеринбург, Сыктывкар, Благовещенск",
		sentences: "Спросите завтра про %.\nМы вчера долго говорили про %.\nЯ написал длинное письмо про %.",
	},
}

// spread are names of the kinds that people put into their lists. Many are like words of
// some language. All languages get them in ordinary sentences.
const spread = `Kubernetes kubectl PostgreSQL Postgres Grafana Prometheus Terraform Ansible Hyprland Wayland PipeWire systemd Nginx Redis Kafka
Elasticsearch Jenkins Vercel Supabase OAuth GraphQL TypeScript JavaScript GitHub GitLab Debian Ubuntu Fedora openSUSE NixOS Jira Confluence
Figma Notion Asana Trello Zapier Shaun Siobhan Nguyen Joaquín Müller Szczepański Aoife Saoirse Zbigniew Krzysztof Oluwaseun Thibault
Guillaume Giuseppe Anastasia Björn Søren Łukasz ibuprofen metformin atorvastatin omeprazole lisinopril amoxicillin levothyroxine
sertraline Edinburgh Worcestershire Llanelli Reykjavik Heidelberg Cloudflare Datadog Sentry Airtable GoLand Emacs Neovim vocoder Whisper
Moonshine Parakeet Mistral Anthropic Claude Ollama Arduino Schneider Weizenbaum Kowalski Fernández Dostojewski Достоевский Хабаровск
Екатеринбург Tatjana Yevgeny Mastodon Nextcloud Jellyfin Proxmox Traefik WireGuard Tailscale Homebrew Bazel Gradle Maven Kotlin Scala
Haskell Elixir Erlang Django Flask FastAPI Laravel Symfony Svelte Angular Webpack ESLint Pytest NumPy Pandas PyTorch TensorFlow Jupyter
Spotify Netflix Duolingo Mariana Marlene Leonie Matteo Martina Carmen Dashwood Elinor Willoughby`
