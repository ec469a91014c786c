package dashboard

func frenchMethodology() methodologyTexts {
	return methodologyTexts{
		Title: "Méthodologie", Lead: "Ce qui est mesuré, comment, sur quelle période, et d'où vient chaque niveau auquel les mesures sont comparées.",
		Contents: "Sommaire", Profiles: "Niveaux appliqués", Beyond: "au-delà", Since: "Première mesure",
		ProfilesIntro: "Chaque verdict nomme le profil sur lequel il repose. Voici tous les profils de cet observatoire, tels qu'ils sont appliqués aujourd'hui.",
		Contact:       "Une mesure vous semble fausse, ou un engagement a changé ? Producteurs et usagers peuvent demander une correction :",
		Indicator:     "Indicateur", Optimal: "Optimal", Partial: "Partiel", Weak: "Faible", Window: "Période", Minimum: "Mesures nécessaires", Source: "Source", ProfileCaption: "Profil {1}",
		Sections: []section{
			{ID: "measure", Title: "Ce qu'est une mesure", Text: []string{
				"À intervalles réguliers, une sonde envoie à chaque service la requête qu'enverrait un usager, depuis un point extérieur à l'administration qui le produit. Chaque mesure ouvre une connexion neuve, ne lit qu'une taille limitée de réponse, ne suit qu'un nombre limité de redirections et s'arrête à un délai fixé.",
				"La sonde s'annonce dans l'en-tête User-Agent, avec un moyen de contact. Elle n'emploie qu'une part de la charge que le producteur déclare admettre, n'ouvre que peu d'échanges à la fois avec un même serveur, et attend quand celui-ci le demande. Le temps passé à attendre notre propre tour n'est jamais compté.",
				"Les phases de l'échange sont chronométrées une à une : redirections, résolution du nom, connexion, négociation TLS, attente du premier octet, transfert. Leur somme est la durée totale.",
			}},
			{ID: "outcomes", Title: "Ce que dit une mesure", Text: []string{
				"L'état d'un service résume celui de ses sondes : en panne quand toutes échouent, dégradé quand une partie seulement échoue.",
			}, Terms: []term{
				{"En service", "Le service a répondu, et tout ce qui est vérifié est conforme : code de réponse, contenu, certificat."},
				{"Dégradé", "Le service a répondu, mais une vérification déclarée non critique a échoué. Il compte comme disponible."},
				{"En panne", "Le service n'a pas répondu, ou une vérification critique a échoué."},
				{"Indéterminé", "La faute est de notre côté, ou la réponse ne permet pas de conclure : notre réseau, notre quota d'appels (code 429), un droit qui nous manque (codes 401 et 403 d'une API sur habilitation). Ces mesures ne comptent ni pour ni contre le service."},
				{"En maintenance", "La mesure tombe dans une interruption annoncée à l'avance. Elle est comptée à part."},
			}},
			{ID: "availability", Title: "Disponibilité", Text: []string{
				"Chaque mesure vaut pour le temps qui la sépare de la suivante. Une cadence plus rapide pendant une panne ne donne donc pas plus de poids à la panne qu'elle n'a duré.",
				"Les mesures indéterminées n'entrent pas dans le calcul. Les maintenances annoncées en sont exclues ; la disponibilité qui les compte comme du temps dû est donnée à côté.",
			}, Formula: "disponibilité = temps (en service + dégradé) / temps (en service + dégradé + en panne)"},
			{ID: "time", Title: "Temps de réponse et temps de chargement", Text: []string{
				"Pour une API, c'est le temps du serveur qui est jugé : l'attente du premier octet, moins un aller-retour du réseau. L'aller-retour est estimé par l'établissement de la connexion TCP du même échange. Ni la résolution du nom, ni la connexion, ni la négociation TLS ne sont jugées ; elles sont mesurées et montrées. La définition suit celle du règlement INSPIRE : le temps jusqu'au premier octet, vu à l'emplacement du serveur.",
				"Pour une démarche, c'est le temps de chargement du document : de l'envoi de la requête au dernier octet. C'est ce que l'outil de mesure de « Vos démarches essentielles » appelle la réponse ; la durée totale est montrée à côté.",
				"Les deux sont des moyennes sur la période. Seules les réponses conformes ont un temps : une panne n'en a pas. La médiane et les centiles p95 et p99 sont tirés de distributions conservées, à 1 % près ; jamais d'une moyenne de centiles.",
				"Le choix compte : sur les démarches que mesure la DINUM, la réponse médiane est de 207 ms et la durée totale médiane de 1 012 ms.",
			}, Formula: "temps du serveur = max(0, attente − connexion) ; temps de chargement = attente + transfert"},
			{ID: "freshness", Title: "Fraîcheur", Text: []string{
				"Quand la réponse porte la date de ses données, leur âge est mesuré. Aucune source officielle ne fixe d'âge maximal : l'âge est comparé à ce que le producteur déclare. S'il ne déclare rien, l'âge est montré sans être jugé. Une date dans le futur compte pour un âge nul.",
			}},
			{ID: "levels", Title: "Niveaux", Text: []string{
				"Les verdicts sont rendus sur les valeurs exactes, avant tout arrondi. Une disponibilité affichée est tronquée, et un temps affiché est arrondi au-dessus : 99,86 % ne devient jamais 99,9 %.",
				"Tant qu'il y a moins de mesures que le profil n'en demande, le niveau reste « À venir ». Pour distinguer 99,9 % de moins, il faut mesurer au moins toutes les cinq minutes pendant plusieurs jours.",
			}, Terms: []term{
				{"Optimal", "La valeur atteint le niveau recommandé."},
				{"Partiel", "La valeur s'en approche, dans la limite que fixe le profil."},
				{"Faible", "La valeur est au-delà de cette limite."},
				{"À venir", "Pas encore de mesure, ou trop peu pour juger. Ce n'est jamais une couleur."},
			}},
			{ID: "windows", Title: "Périodes et couverture", Text: []string{
				"Sauf mention contraire, la période est glissante : le jour en cours et les 89 jours précédents, de minuit à minuit dans le fuseau du site. Un engagement se juge sur sa propre période, par exemple le mois en cours.",
				"La couverture est la part de la période que représentent les mesures concluantes, maintenances comprises. Une couverture faible invite à la prudence.",
			}, Formula: "couverture = temps des mesures concluantes / durée de la période"},
			{ID: "commitments", Title: "Engagements des producteurs", Text: []string{
				"Certains producteurs promettent une disponibilité, souvent inférieure au niveau recommandé. Elle est comparée à ce qui est mesuré sur la période de la promesse, avec sa source et la date à laquelle nous l'avons lue. Tenir son engagement et atteindre le niveau recommandé sont deux constats différents.",
			}},
			{ID: "budget", Title: "Marge d'indisponibilité", Text: []string{
				"C'est le temps pendant lequel un service peut être en panne sans descendre sous le niveau recommandé. Sur 90 jours entièrement mesurés, 99,9 % laissent 2 h 9 min 36 s.",
			}, Formula: "marge = (1 − niveau recommandé) × temps mesuré − temps en panne"},
			{ID: "incidents", Title: "Incidents et dépendances", Text: []string{
				"Un échec est vérifié de nouveau une vingtaine de secondes plus tard. S'il se confirme, l'incident commence à la première mesure en échec ; il se termine à la première mesure conforme qui suit. La cause est celle du premier échec. Tant que dure la panne, la sonde interroge le service chaque minute.",
				"Quand un service est injoignable, des adresses de référence sont essayées d'abord : si aucune ne répond, la faute est de notre côté, et le service reste indéterminé.",
				"La page d'un incident montre ce qui a été constaté : adresse, serveur, en-têtes, début de la réponse, certificat, vérifications en échec. Ce qui pourrait être secret est remplacé par ***.",
				"Une adresse introuvable pendant 24 heures est dite morte, et une adresse qui renvoie durablement vers un autre serveur, déplacée : c'est alors le catalogue qui est à corriger.",
				"Quand une démarche a besoin d'une API, et que cela est dit publiquement, l'état de cette API est montré sur la page de la démarche, avec la source du lien. Il ne change pas le verdict de la démarche.",
			}},
			{ID: "sources", Title: "Sources des niveaux", Terms: []term{
				{"Guide pratique pour la diffusion d'une API (DINUM, api.gouv.fr)", "Fixe pour les API de l'administration une disponibilité de 99,9 % et un temps de réponse inférieur à 50 ms."},
				{"Vos démarches essentielles (DINUM)", "Donne les niveaux Optimal, Partiel et Faible : 99,9 % et 98,5 % de disponibilité, 400 et 800 ms de chargement, sur trois mois. Les bornes du niveau partiel des API en sont reprises."},
				{"Cadre de recommandations pour le partage de données par API dans l'administration (DINUM, juillet 2022)", "Seize recommandations : documenter, publier la charge admise, les temps de réponse, l'état en temps réel et un historique de six à douze mois. Il ne contient ni pourcentage ni milliseconde."},
				{"Règlement (CE) n° 976/2009, annexe I (INSPIRE)", "Qualité des services de données géographiques : 99 % de disponibilité, et un délai maximal du premier octet selon le type de service."},
				{"Règlement d'exécution (UE) 2023/138, article 3", "Les API des données de forte valeur publient leurs critères de qualité de service."},
				{"Code des relations entre le public et l'administration, article R311-13", "Délai légal de réponse à une demande d'accès."},
			}},
			{ID: "data", Title: "Réutiliser les chiffres", Text: []string{
				"Tout ce que montrent les pages existe en JSON, sans clé et lisible depuis n'importe quel site. Les valeurs y sont données sans arrondi ; une valeur absente est null.",
			}, Terms: []term{
				{"/api/v1/services", "Tous les services, avec les mêmes filtres que la vue d'ensemble : q, kind, producer, access, state, indicator, level."},
				{"/api/v1/services/{id}", "Un service, ses sondes, ses 90 derniers jours."},
				{"/api/v1/services/{id}/series", "Une série : measure (availability, server_time, page_time, total, freshness ou une phase), from, to, resolution (5m, 1h, 1d)."},
				{"/api/v1/incidents", "Les incidents : state (all, open), service."},
			}},
			{ID: "limits", Title: "Limites", Text: []string{
				"Une mesure vue d'un seul point ne dit pas ce que voit chaque usager. Une panne plus courte que l'intervalle entre deux mesures peut passer inaperçue. Un service peut répondre à la sonde et échouer pour un usager particulier : seule la partie publique d'une démarche est mesurée.",
			}},
		},
	}
}
