package alerts

import (
	"fmt"
	"strconv"
	"time"
)

func french() *language {
	return &language{
		code: "fr", point: ",", thousands: narrow, percentSign: narrow + "%", colon: narrow + ": ", day: "jour", days: "jours",
		producer: "Producteur", since: "Depuis", began: "Début", ended: "Fin", lasted: "Durée", cause: "Cause", hint: "Indice", detail: "Détail technique", probe: "Sonde",
		measurements: "Mesures", profile: "Profil", source: "Source", affected: "Démarches qui en dépendent", link: "Page du service",
		coverage: "%s (%s de la période)", more: " et %s autres",
		tags: map[Kind][2]string{
			Outage: {"[Panne]", "[Rétabli]"}, Level: {"[Niveau faible]", "[Niveau rétabli]"},
			Commitment: {"[Engagement non tenu]", "[Engagement tenu]"}, Staleness: {"[Données en retard]", "[Données à jour]"},
			Blind: {"[Aveugle]", "[Vue rétablie]"},
		},
		otherTag: "[Alerte]", goneTag: "[Fin de suivi]",
		gone: map[string]string{
			serviceGone: "le service ne figure plus au catalogue", probeGone: "la sonde ne figure plus au catalogue",
			levelGone: "plus aucun niveau n’est déclaré pour cet indicateur",
		},
		causes: map[string]string{
			"dns": "nom de domaine introuvable", "connect": "connexion refusée ou rompue", "tls": "échec TLS ou certificat non valable",
			"timeout": "délai dépassé", "redirect": "redirection impossible à suivre", "protocol": "réponse contraire au protocole",
			"size": "réponse trop volumineuse", "status": "code de réponse inattendu", "assertion": "contenu inattendu",
		},
		hints: map[string]string{"dead": "l’adresse semble morte", "moved": "le service semble avoir changé d’adresse"},
		indicators: map[string]noun{
			"availability": {"disponibilité", "La disponibilité"},
			"server_time":  {"temps de réponse du serveur", "Le temps de réponse du serveur"},
			"page_time":    {"temps de chargement de la page", "Le temps de chargement de la page"},
			"freshness":    {"âge des données", "L’âge des données"},
		},
		windows: map[string]string{
			"P1D": "sur la journée en cours", "P1M": "sur le mois en cours", "P3M": "sur le trimestre en cours", "latest": "à la dernière mesure",
		},
		lastDays:   "sur les %s" + nbsp + "derniers jours",
		shortStart: frenchStart, summary: frenchSummary, leading: frenchLead, dateAndTime: frenchDateAndTime,
		zoneName: func(zone *time.Location) string {
			return zoneName(zone, "heure de Paris", "fuseau ")
		},
	}
}

func frenchStart(a Alert) string {
	start, now := a.Start.In(location(a)), a.Time.In(location(a))
	if start.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return frenchTime(start)
	}
	return "le " + frenchDate(start) + " à " + frenchTime(start)
}

func frenchSummary(l *language, a Alert) string {
	resolved := a.State == Resolved
	measured := a.ServiceName + l.colon + l.indicator(a).within + " de " + l.value(a, a.Value)
	old := a.ServiceName + l.colon + "données vieilles de " + l.value(a, a.Value)
	limit := l.target(a)
	switch {
	case a.Kind == Blind && resolved:
		return "L’observatoire voit de nouveau, après " + l.span(a.End.Sub(a.Start).Seconds())
	case a.Kind == Blind:
		return "L’observatoire ne voit plus rien depuis " + l.shortStart(a)
	case a.Kind == Outage && resolved:
		return a.ServiceName + " répond de nouveau, après " + l.span(a.End.Sub(a.Start).Seconds()) + " de panne"
	case a.Kind == Outage && unanswered(a.Cause):
		return a.ServiceName + " ne répond plus depuis " + l.shortStart(a) + " (" + l.causeOf(a) + ")"
	case a.Kind == Outage:
		return a.ServiceName + " ne répond plus comme attendu depuis " + l.shortStart(a) + inBrackets(l.causeOf(a))
	case a.Kind == Commitment:
		return measured + " " + l.over(a) + ", pour " + limit + " promis"
	case a.Kind == Staleness && resolved:
		return old + ", limite de " + limit + " de nouveau respectée"
	case a.Kind == Staleness:
		return old + ", limite de " + limit + " dépassée"
	case isRatio(a) && resolved:
		return measured + ", seuil de " + limit + " de nouveau atteint"
	case isRatio(a):
		return measured + ", seuil de " + limit + " non atteint"
	case resolved:
		return measured + ", limite de " + limit + " de nouveau respectée"
	}
	return measured + ", limite de " + limit + " dépassée"
}

func frenchLead(l *language, a Alert) string {
	resolved := a.State == Resolved
	name := "«" + narrow + a.ServiceName + narrow + "»"
	subject := l.indicator(a).first + " de " + name
	limit := ", pour une limite de " + l.target(a)
	figures := l.value(a, a.Value) + " en moyenne " + l.over(a) + limit
	if isRatio(a) {
		figures = l.value(a, a.Value) + " " + l.over(a) + ", pour un seuil de " + l.target(a)
	}
	if reason, gone := l.gone[a.Detail]; gone && resolved {
		return "L’alerte sur " + name + " prend fin" + l.colon + reason + "."
	}
	switch {
	case a.Kind == Blind && resolved:
		return "L’observatoire mesure de nouveau depuis le " + l.moment(a, a.End) + ". Ce qu’il n’a pas pu mesurer ne compte contre aucun service."
	case a.Kind == Blind:
		return "L’observatoire ne voit plus rien depuis le " + l.moment(a, a.Start) + l.colon + "la plupart des mesures échouent de notre fait. Aucun service n’est mis en cause."
	case a.Kind == Outage && resolved:
		return name + " répond de nouveau depuis le " + l.moment(a, a.End) + ". La panne a duré " + l.span(a.End.Sub(a.Start).Seconds()) + "."
	case a.Kind == Outage && unanswered(a.Cause):
		return name + " ne répond plus depuis le " + l.moment(a, a.Start) + "."
	case a.Kind == Outage:
		return name + " ne répond plus comme attendu depuis le " + l.moment(a, a.Start) + "."
	case a.Kind == Commitment && resolved:
		return subject + " atteint de nouveau ce que promet son producteur" + l.colon + l.value(a, a.Value) + " " + l.over(a) + ", pour " + l.target(a) + " promis."
	case a.Kind == Commitment:
		return subject + " n’atteint pas ce que promet son producteur" + l.colon + l.value(a, a.Value) + " " + l.over(a) + ", pour " + l.target(a) + " promis."
	case a.Kind == Staleness && resolved:
		return "Les données de " + name + " sont de nouveau à jour" + l.colon + "leur âge est de " + l.value(a, a.Value) + limit + "."
	case a.Kind == Staleness:
		return "Les données de " + name + " sont en retard" + l.colon + "leur âge est de " + l.value(a, a.Value) + limit + "."
	case resolved:
		return subject + " n’est plus au niveau faible" + l.colon + figures + "."
	}
	return subject + " est au niveau faible" + l.colon + figures + "."
}

func frenchTime(t time.Time) string {
	return fmt.Sprintf("%d%sh%s%02d", t.Hour(), nbsp, nbsp, t.Minute())
}

func frenchDate(t time.Time) string {
	months := [...]string{
		"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
	}
	day := strconv.Itoa(t.Day())
	if day == "1" {
		day = "1er"
	}
	return day + nbsp + months[t.Month()-1]
}

func frenchDateAndTime(t time.Time) string {
	days := [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	return days[t.Weekday()] + " " + frenchDate(t) + " " + strconv.Itoa(t.Year()) + " à " + frenchTime(t)
}
