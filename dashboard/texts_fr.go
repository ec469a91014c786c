package dashboard

import (
	"net/http"
	"time"

	"observatoire/catalogue"
	"observatoire/observatory"
	"observatoire/probes"
	"observatoire/slo"
	"observatoire/storage"
)

// french returns the site's texts in French.
func french() *texts {
	return &texts{
		Nav: navTexts{
			Language: "Français", Languages: "Langue", Main: "Navigation principale", Overview: "Vue d'ensemble", Incidents: "Incidents",
			Producers: "Producteurs", Methodology: "Méthodologie", Skip: "Aller au contenu",
		},
		Layout: layoutTexts{
			Simulated: "Démonstration : les données sont simulées.", SimulatedMore: "Aucun chiffre de ce site ne décrit un service réel.",
			Blind: "L'observatoire ne voit plus rien depuis le {1} : c'est notre faute.", BlindMore: "Ce qui n'a pas pu être mesuré ne compte contre aucun service.",
			Operator: "Exploité par {1}", Contact: "Contact", Vantage: "Mesures faites depuis {1}",
			Updated: "Situation au", API: "Données en JSON", Version: "Version {1}",
			Independent: "Mesures faites de l'extérieur, sans accès aux systèmes des producteurs.",
		},
		Overview: overviewTexts{
			Heading: "La qualité des services numériques publics, mesurée en continu",
			Lead:    "Cet observatoire interroge de l'extérieur les API et les démarches de l'administration, et compare leur disponibilité, leur rapidité et la fraîcheur de leurs données au niveau de service recommandé.",
			Figures: "En bref", Services: "Services suivis", APIOne: "{1} API", APIMany: "{1} API", DemarcheOne: "{1} démarche", DemarcheMany: "{1} démarches",
			DownNow: "En panne maintenant", DegradedOne: "{1} dégradé", DegradedMany: "{1} dégradés", UnknownOne: "{1} indéterminé", UnknownMany: "{1} indéterminés",
			OpenIncidents: "Incidents en cours", SeeIncidents: "Voir les incidents", LevelsHint: "des services jugés atteignent le niveau recommandé",
			Filter: "Autres critères et tri", Search: "Rechercher", SearchHint: "Nom d'un service ou d'un producteur",
			Kind: "Type", Producer: "Producteur", Access: "Accès", State: "État", Indicator: "Indicateur", Level: "Niveau",
			All: "Tous", Apply: "Appliquer", Reset: "Tout afficher", Sort: "Trier par", Direction: "Ordre", Ascending: "Croissant", Descending: "Décroissant",
			Sorts:         map[string]string{"name": "Nom", "producer": "Producteur", "state": "État", "availability": "Disponibilité", "time": "Temps de réponse", "freshness": "Fraîcheur"},
			SortAscending: "trier par ordre croissant", SortDescending: "trier par ordre décroissant",
			Table: "Les services", Caption: "Services suivis, avec le niveau de chaque indicateur, l'engagement du producteur et les 90 derniers jours",
			Service: "Service", Availability: "Disponibilité", Time: "Temps de réponse", Freshness: "Fraîcheur", Commitment: "Engagement", Days: "90 derniers jours",
			ResultOne: "{1} service", ResultMany: "{1} services", None: "Aucun service ne correspond à ces critères.", NoPledge: "Aucun engagement connu",
			Position: "Page {1} sur {2}", Previous: "Page précédente", Next: "Page suivante", Pages: "Pages",
			StripLabel: "Disponibilité sur {1} jours : {2}.", StripWorst: "Jour le plus bas : {1}, {2}.", Affected: "Une API nécessaire est en panne",
		},
		Service: frenchService(),
		IncidentPage: incidentTexts{
			Title: "Incidents", Lead: "Les périodes pendant lesquelles un service n'a pas répondu comme attendu, les plus récentes d'abord.",
			All: "Tous", Open: "En cours", Show: "Afficher", ResultOne: "{1} incident", ResultMany: "{1} incidents", None: "Aucun incident.", Only: "Seulement : {1}",
			Caption: "Incidents, les plus récents d'abord", Service: "Service", Start: "Début", End: "Fin", Duration: "Durée", Cause: "Cause", Failures: "Mesures en échec", Probe: "Sonde", Now: "en cours",
		},
		OneIncident: frenchIncident(),
		ProducerPage: producerTexts{
			Title: "Producteurs", Lead: "Les administrations dont les services sont suivis, et la part de ces services dont la disponibilité atteint le niveau recommandé.",
			Caption: "Producteurs, par ordre alphabétique", Producer: "Producteur", Services: "Services", Share: "Disponibilité au niveau recommandé", Down: "En panne maintenant",
			Of: "{1} sur {2}", Site: "Site officiel",
		},
		Methodology: frenchMethodology(),
		Problems: problemTexts{
			Headings: map[int]string{
				http.StatusBadRequest: "Demande non comprise", http.StatusNotFound: "Page introuvable", http.StatusMethodNotAllowed: "Méthode refusée",
				http.StatusInternalServerError: "Une erreur de notre côté", http.StatusServiceUnavailable: "L'observatoire démarre",
			},
			NoPage: "Cette adresse ne mène à aucune page. Elle a peut-être changé, ou contient une faute de frappe.", NoCall: "Cette adresse ne mène à aucune donnée.",
			NoIncident: "Aucun incident ne porte le numéro « {1} ».", NoService: "Aucun service suivi ne porte l'identifiant « {1} ».", OtherKind: "« {1} » se trouve à l'adresse {2}.",
			NoResultPage: "La liste s'arrête à la page {1}.", Starting: "Les premières mesures arrivent. Rechargez la page dans quelques secondes.",
			Ours:   "La page n'a pas pu être préparée. L'incident est consigné ; réessayez dans un instant.",
			Method: "Ce site se consulte seulement : il n'accepte que les méthodes GET et HEAD.", Unreadable: "Les paramètres de l'adresse sont illisibles.",
			Repeated: "Le paramètre « {1} » est donné plusieurs fois.", TooLong: "Le paramètre « {1} » dépasse {2} caractères.",
			BadValue: "La valeur « {1} » ne convient pas au paramètre « {2} ». Valeurs possibles : {3}.", UnknownKey: "Le paramètre « {1} » n'existe pas. Paramètres possibles : {2}.",
			NoKeys: "Cette page n'a pas de paramètre « {1} ».", EmptySpan: "La période demandée est vide : « from » doit précéder « to ».",
			LongSpan: "La période demandée compte plus de {1} points. Choisissez une période plus courte ou une résolution plus grande.",
			GoOn:     "Pour continuer :", ToOverview: "La liste de tous les services", ToIncidents: "Les incidents", ToMethodology: "La méthodologie",
		},
		Units: unitTexts{
			Colon: " :", Day: "j", First: "1er", At: " à ", Zone: "heure de {1}", Latest: "dernière mesure", Today: "jour en cours", Month: "mois en cours", Quarter: "trimestre en cours", Days: "{1} derniers jours",
			Months:      [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
			ShortMonths: [12]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
			Weekdays:    [7]string{"lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."},
		},
		States: map[string]stateText{
			"up":          {"En service", "Le service répond comme attendu."},
			"degraded":    {"Dégradé", "Le service répond, mais une partie de ce qui est vérifié échoue."},
			"down":        {"En panne", "Le service ne répond pas comme attendu."},
			"unknown":     {"Indéterminé", "Rien ne peut être affirmé pour l'instant."},
			"maintenance": {"En maintenance", "Une interruption annoncée est en cours."},
		},
		Levels: [...]levelText{
			slo.Pending: {"À venir", "sans mesure", "Pas encore mesuré, ou trop peu pour juger."},
			slo.Weak:    {"Faible", "Faible", "En dessous du niveau partiel."},
			slo.Partial: {"Partiel", "Partiel", "Proche du niveau recommandé, sans l'atteindre."},
			slo.Optimal: {"Optimal", "Optimal", "Le niveau recommandé est atteint."},
		},
		Kinds:  map[observatory.Kind]string{observatory.API: "API", observatory.Demarche: "Démarche"},
		Access: map[catalogue.Access]string{catalogue.Open: "Ouvert à tous", catalogue.Account: "Avec un compte ou un jeton", catalogue.Restricted: "Sur habilitation"},
		Indicators: map[slo.Indicator]indicatorText{
			slo.Availability: {"Disponibilité", "Part du temps pendant laquelle le service a répondu comme attendu."},
			slo.ServerTime:   {"Temps de réponse du serveur", "Attente moyenne du premier octet, moins un aller-retour du réseau."},
			slo.PageTime:     {"Temps de chargement", "Temps moyen entre l'envoi de la requête et le dernier octet de la page."},
			slo.Freshness:    {"Fraîcheur", "Âge des données à la dernière mesure."},
		},
		Phases: map[storage.Measure]string{
			storage.Redirect: "Redirections", storage.DNS: "Résolution du nom", storage.Connect: "Connexion", storage.TLS: "Négociation TLS",
			storage.Wait: "Attente", storage.Transfer: "Transfert",
		},
		Causes: map[probes.ErrorClass]string{
			probes.ClassNone: "cause inconnue", probes.ClassLocal: "problème de notre côté", probes.ClassForbidden: "adresse que notre réseau n'autorise pas",
			probes.ClassQuota: "notre quota d'appels est épuisé", probes.ClassRight: "nous n'avons pas le droit d'interroger ce service",
			probes.ClassInconclusive: "la réponse ne permet pas de conclure", probes.ClassDNS: "le nom de domaine ne se résout pas",
			probes.ClassConnect: "la connexion est refusée ou interrompue", probes.ClassTLS: "la connexion sécurisée échoue",
			probes.ClassTimeout: "délai dépassé", probes.ClassRedirect: "redirections trop nombreuses ou impossibles à suivre",
			probes.ClassProtocol: "la réponse ne respecte pas le protocole", probes.ClassSize: "la réponse est trop volumineuse",
			probes.ClassStatus: "le code de réponse n'est pas celui attendu", probes.ClassAssertion: "le contenu de la réponse n'est pas celui attendu",
		},
		Hints:   map[slo.Hint]string{slo.Dead: "l'adresse semble morte", slo.Moved: "le service semble avoir changé d'adresse"},
		Pledges: pledgeTexts{Kept: "Tenu", Broken: "Non tenu", Pending: "À venir"},
	}
}

func frenchService() serviceTexts {
	return serviceTexts{
		Summary: "Disponibilité, rapidité et incidents de « {1} » ({2}), comparés au niveau recommandé.", Unjudged: "Non jugé", NotMeasured: "Pas de mesure",
		Breadcrumb: "Fil d'Ariane", StateNow: "État actuel", Indicators: "Indicateurs",
		Target: "Niveau recommandé", TooFew: "{1} mesures pour l'instant ; il en faut {2} pour juger.", Window: "Période", Measurements: "Mesures", Coverage: "Couverture de la période", Profile: "Profil",
		Declared: "ce que le producteur déclare", Source: "Source du niveau",
		Budget: "Marge d'indisponibilité", BudgetLeft: "{1} restent sur {2}", BudgetOver: "dépassée de {1}, pour {2} admises", Beyond: "{1} au-delà",
		Pledge: "L'engagement du producteur", PledgeIntro: "Ce que le producteur promet lui-même, comparé à ce qui est mesuré sur la période de sa promesse.",
		PledgeTarget: "Promis", PledgeValue: "Mesuré", PledgeSource: "Source", PledgeSeen: "constaté le {1}",
		Both: "Disponibilité et maintenances annoncées", Excluded: "Maintenances exclues", Counted: "Maintenances comptées",
		Calendar: "Disponibilité jour par jour sur douze mois", CalendarIntro: "Chaque carré est un jour. Un tiret marque le niveau partiel, une croix le niveau faible.",
		NoCalendar:   "Pas encore de mesure.",
		CalendarHead: []string{"Jour", "Disponibilité", "Niveau", "Indisponible", "Mesures", "Indéterminées", "En maintenance"},
		Evolution:    "Évolution", Span: "Période affichée", NoCharts: "Aucune mesure sur cette période.",
		Spans:           map[string]string{"day": "24 heures", "week": "7 jours", "quarter": "90 jours", "year": "12 mois"},
		ServerTimeChart: "Temps de réponse du serveur", PageTimeChart: "Temps de chargement de la page",
		LatencyIntro: "La moyenne est ce qui est jugé ; 95 % des réponses sont plus rapides que la ligne p95, 99 % que la ligne p99.", Mean: "Moyenne", Median: "Médiane",
		PhasesChart: "Où passe le temps", PhasesIntro: "Durée moyenne de chaque phase d'un échange complet, du nom de domaine au dernier octet.",
		FreshnessChart: "Âge des données", FreshnessIntro: "Temps écoulé, au moment de chaque mesure, depuis la date que portent les données.", MeanAge: "Âge moyen", MaxAge: "Âge le plus grand",
		Data: "Voir les données", When: "Date",
		Incidents: "Incidents des douze derniers mois", NoIncidents: "Aucun incident sur les douze derniers mois.",
		Maintenance: "Maintenances annoncées", Daily: "Chaque jour de {1} à {2}", Once: "Du {1} au {2}", AnnouncedAt: "Annonce",
		Probes: "Sondes", ProbeSays: "Sonde « {1} » : {2} (mesure du {3}).", Every: "Intervalle entre deux mesures : {1}", LastResult: "Dernier résultat", NotYet: "Pas encore de résultat.",
		Expires: "Certificat valable jusqu'au", Status: "Code HTTP", Total: "Durée totale", Cause: "Cause",
		Facts: "En pratique", Address: "Adresse", JDMA: "Numéro Je donne mon avis", RateLimit: "Charge admise", NotDeclared: "Non déclarée", Documentation: "Documentation", StatusPage: "Page d'état du producteur", Machine: "Ces chiffres en JSON",
		Rates:     map[time.Duration]string{time.Second: "{1} appels par seconde", time.Minute: "{1} appels par minute", time.Hour: "{1} appels par heure", 24 * time.Hour: "{1} appels par jour"},
		DependsOn: "API nécessaires", DependsIntro: "La démarche ne peut pas aboutir sans elles.", UsedBy: "Démarches qui en dépendent", UsedIntro: "Elles ne peuvent pas aboutir sans cette API.", SaidBy: "Source",
	}
}
