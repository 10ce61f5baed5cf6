package main

// ordinary are sentences without names, with days, months and small numbers.
var ordinary = map[string][]string{
	"en": {
		"The meeting is on Friday in room twelve.", "Please send me the contract before the end of the week.",
		"My train was eleven minutes late this morning.", "We need three chairs and twenty cups for the party on Saturday.",
		"The doctor said that I should rest for five days.", "Can you call my brother and tell him that dinner is ready?",
		"In January it was cold and in July it was too hot.", "She wrote a long letter to the newspaper.",
	},
	"de": {
		"Die Besprechung ist am Freitag in Raum zwölf.", "Bitte schicken Sie mir den Vertrag vor dem Ende der Woche.",
		"Mein Zug hatte heute früh elf Minuten Verspätung.", "Wir brauchen drei Stühle und zwanzig Tassen für das Fest am Samstag.",
		"Der Arzt sagte, dass ich fünf Tage ruhen soll.", "Kannst du meinen Bruder anrufen und ihm sagen, dass das Essen fertig ist?",
		"Im Januar war es kalt, und im Juli war es zu heiß.", "Sie schrieb einen langen Brief an die Zeitung.",
	},
	"fr": {
		"La réunion est vendredi dans la salle douze.", "Envoyez-moi le contrat avant la fin de la semaine.",
		"Mon train avait onze minutes de retard ce matin.", "Il nous faut trois chaises et vingt tasses pour la fête de samedi.",
		"Le médecin a dit que je dois me reposer cinq jours.", "Peux-tu appeler mon frère et lui dire que le dîner est prêt ?",
		"En janvier il faisait froid, et en juillet il faisait trop chaud.", "Elle a écrit une longue lettre au journal.",
	},
	"es": {
		"La reunión es el viernes en la sala doce.", "Por favor, envíeme el contrato antes del fin de semana.",
		"Mi tren llegó once minutos tarde esta mañana.", "Necesitamos tres sillas y veinte tazas para la fiesta del sábado.",
		"El médico dijo que debo descansar cinco días.", "¿Puedes llamar a mi hermano y decirle que la cena está lista?",
		"En enero hacía frío y en julio hacía demasiado calor.", "Ella escribió una carta muy larga al periódico.",
	},
	"it": {
		"La riunione è venerdì nella sala dodici.", "Per favore, mandami il contratto prima della fine della settimana.",
		"Il mio treno aveva undici minuti di ritardo stamattina.", "Ci servono tre sedie e venti tazze per la festa di sabato.",
		"Il medico ha detto che devo riposare cinque giorni.", "Puoi chiamare mio fratello e dirgli che la cena è pronta?",
		"A gennaio faceva freddo e a luglio faceva troppo caldo.", "Lei ha scritto una lunga lettera al giornale.",
	},
	"ru": {
		"Встреча в пятницу в комнате двенадцать.", "Пожалуйста, пришлите мне договор до конца недели.",
		"Мой поезд сегодня утром опоздал на одиннадцать минут.", "Нам нужны три стула и двадцать чашек на праздник в субботу.",
		"Врач сказал, что я должен отдыхать пять дней.", "Можешь позвонить моему брату и сказать, что ужин готов?",
		"В январе было холодно, а в июле было слишком жарко.", "Она написала длинное письмо в газету.",
	},
}
