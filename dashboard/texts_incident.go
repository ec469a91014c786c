package dashboard

import "observatoire/slo"

func frenchIncident() oneIncidentTexts {
	return oneIncidentTexts{
		Title: "Incident de « {1} » du {2}", Kicker: "Incident", Lasts: "En cours", Over: "Terminé",
		LeadOpen: "Depuis le {1}, soit {2}.", LeadOver: "Du {1} au {2}, soit {3}.", Times: "Heures locales", Vantage: "Mesuré depuis",
		Course: "Déroulement", First: "Premier échec", Confirmed: "Échec confirmé par une deuxième mesure", Changed: "La cause change : {1}",
		LastSeen: "Dernier échec constaté", StillDown: "L'incident dure encore", End: "Le service répond de nouveau comme attendu",
		Evidence: "Ce qui a été constaté", EvidenceIntro: "De quoi retrouver l'incident du côté du producteur. Les valeurs qui pourraient être secrètes sont remplacées par ***.",
		NoEvidence: "Les constats de cet incident ne sont pas ou plus conservés.", Failed: "Vérifications en échec", Exchange: "Échange",
		URL: "Adresse demandée", StatusLine: "Réponse", Remote: "Serveur qui a répondu", NoRemote: "aucun", Hops: "Redirections suivies", Header: "En-têtes de la réponse", Body: "Corps de la réponse",
		Private: "Non montré : la demande était faite avec des identifiants ({1} octets).", Binary: "Non montré : ce n'est pas du texte ({1} octets).",
		Cut: "Le début seulement, sur {1} octets.", Empty: "Vide.",
		Certificate: "Certificat présenté", Subject: "Délivré à", Issuer: "Délivré par", Names: "Noms", NotBefore: "Valable à partir du", NotAfter: "Valable jusqu'au", Fingerprint: "Empreinte SHA-256",
		Hints: map[slo.Hint]string{
			slo.Dead:  "L'adresse semble morte : depuis plus d'un jour elle ne mène plus à rien. C'est sans doute un retrait plutôt qu'une panne.",
			slo.Moved: "Le service semble avoir changé d'adresse : une redirection permanente mène à un autre hôte.",
		},
	}
}

func englishIncident() oneIncidentTexts {
	return oneIncidentTexts{
		Title: "Incident of “{1}” on {2}", Kicker: "Incident", Lasts: "Ongoing", Over: "Over",
		LeadOpen: "Since {1}, that is for {2}.", LeadOver: "From {1} to {2}, that is {3}.", Times: "Local times", Vantage: "Measured from",
		Course: "Course", First: "First failure", Confirmed: "Failure confirmed by a second measurement", Changed: "The cause changes: {1}",
		LastSeen: "Last failure seen", StillDown: "The incident still lasts", End: "The service answers as expected again",
		Evidence: "What was seen", EvidenceIntro: "What it takes to find the incident on the producer's side. Values that might be secret are replaced by ***.",
		NoEvidence: "What was seen of this incident is not, or no longer, kept.", Failed: "Checks that failed", Exchange: "Exchange",
		URL: "Address asked", StatusLine: "Answer", Remote: "Server that answered", NoRemote: "none", Hops: "Redirects followed", Header: "Header of the answer", Body: "Body of the answer",
		Private: "Not shown: it was asked for with credentials ({1} bytes).", Binary: "Not shown: it is not text ({1} bytes).",
		Cut: "Its beginning only, of {1} bytes.", Empty: "Empty.",
		Certificate: "Certificate shown", Subject: "Issued to", Issuer: "Issued by", Names: "Names", NotBefore: "Valid from", NotAfter: "Valid until", Fingerprint: "SHA-256 fingerprint",
		Hints: map[slo.Hint]string{
			slo.Dead:  "The address looks dead: for more than a day it has led to nothing. It was probably withdrawn rather than down.",
			slo.Moved: "The service seems to have changed its address: a permanent redirect leads to another host.",
		},
	}
}
