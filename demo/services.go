package demo

import "time"

const (
	day    = 24 * time.Hour
	always = 10 * 365 * day // for since: it was never otherwise
	ms     = time.Millisecond
)

// outages are those of a service that is there for most of the time.
func outages(share float64) []trouble { return []trouble{{mode: varied, share: share}} }

// apis are the simulated APIs. Those of demo.yaml are all here.
var apis = map[string]personality{
	// Good ones.
	"communes":          {mean: 12 * ms, troubles: outages(0.0001)},
	"adresses":          {mean: 28 * ms, redirects: true, troubles: outages(0.0004)},
	"etablissements":    {mean: 35 * ms, secure: true, troubles: outages(0.0006)},
	"observations":      {mean: 22 * ms, updates: 10 * time.Minute, troubles: outages(0.0003)},
	"jours-feries":      {mean: 8 * ms, updates: 90 * day},
	"catalogue-donnees": {mean: 45 * ms, secure: true, size: 2400, troubles: outages(0.0005)},
	"defibrillateurs":   {mean: 41 * ms, updates: day, troubles: outages(0.0008)},
	"identite-usagers":  {mean: 70 * ms, secure: true, troubles: outages(0.0006)},

	// Hub'Eau's way: 206 because there is more than the page holds.
	"hydrometrie": {mean: 47 * ms, status: 206, updates: 15 * time.Minute, troubles: outages(0.004)},

	// Fair ones, and ones that change over the year.
	"parcelles":         {mean: 180 * ms, size: 9000, troubles: outages(0.003)},
	"altitude":          {mean: 150 * ms, drift: -0.5, troubles: outages(0.006)},
	"prix-carburants":   {mean: 42 * ms, drift: 0.9, updates: 10 * time.Minute, troubles: outages(0.002)},
	"qualite-air":       {mean: 75 * ms, updates: time.Hour, troubles: outages(0.008)},
	"quotient-familial": {mean: 160 * ms, secure: true, troubles: []trouble{{mode: gateway, share: 0.003}, {mode: undecided, share: 0.01}}},

	// A ping route that says ok, unknown or bad_gateway.
	"attestation-fiscale": {mean: 130 * ms, secure: true, troubles: []trouble{
		{mode: gateway, share: 0.012, spell: 3, live: cycle{30 * time.Second, 6 * time.Minute}},
		{mode: undecided, share: 0.03, live: cycle{30 * time.Second, 4 * time.Minute}},
	}},

	// Slow ones: from 100 to 900 ms.
	"horaires":          {mean: 430 * ms, spread: 0.5, updates: day, troubles: outages(0.005)},
	"permis-construire": {mean: 560 * ms, spread: 0.35, size: 15000, troubles: []trouble{{mode: cut, share: 0.019, spell: 3, live: cycle{20 * time.Second, 9 * time.Minute}}}},

	// It flaps: away for 40 seconds in every five minutes.
	"entreprises": {mean: 60 * ms, troubles: []trouble{{mode: unavailable, share: 0.04, spell: 2, live: cycle{40 * time.Second, 5 * time.Minute}}}},

	// Its data is stuck.
	"nappes": {mean: 65 * ms, updates: day, stuck: 23 * day, troubles: outages(0.002)},

	// It breaks its contract; another one only leaves out what is not critical.
	"marches-publics":  {mean: 110 * ms, updates: day, troubles: []trouble{{mode: contract, share: 0.02, spell: 6, live: cycle{90 * time.Second, 7 * time.Minute}}}},
	"annonces-legales": {mean: 95 * ms, updates: day, troubles: []trouble{{mode: cosmetic, share: 0.06, spell: 8, live: cycle{2 * time.Minute, 5 * time.Minute}}}},

	// Its certificate ends in nine days; fourteen are asked for.
	"certificats-energie": {mean: 48 * ms, secure: true, expires: 9 * day, troubles: []trouble{{mode: expiring, since: 5 * day}}},

	// Not to be judged: it refuses half of our questions, or all of them.
	"statistiques-locales": {mean: 33 * ms, troubles: []trouble{{mode: quota, share: 0.4, spell: 3, live: cycle{time.Minute, 2 * time.Minute}}}},
	"habilitations":        {mean: 40 * ms, secure: true, troubles: []trouble{{mode: forbidden, since: always}}},

	// It hangs, since two hours before the simulation began.
	"archives": {mean: 240 * ms, troubles: []trouble{{mode: hang, since: 2 * time.Hour}, {mode: varied, share: 0.011}}},
}

// figures is what is told apart of the simulated démarches.
type figures struct {
	availability float64
	mean         time.Duration // page time
}

// demarches are the simulated démarches. Those of demo.yaml are all here; their
// availabilities and times are spread like those that DINUM measures.
var demarches = map[string]figures{
	"carte-de-peche":            {1, 139 * ms},
	"carte-de-bibliotheque":     {1, 141 * ms},
	"permis-de-vegetaliser":     {0.9999, 145 * ms},
	"inscription-cantine":       {1, 147 * ms},
	"acte-de-naissance":         {0.9997, 148 * ms},
	"acte-de-mariage":           {1, 149 * ms},
	"attestation-fiscale-ligne": {0.9995, 152 * ms},
	"changement-adresse":        {1, 159 * ms},
	"bourse-scolaire":           {0.9998, 163 * ms},
	"recensement-citoyen":       {1, 166 * ms},
	"vignette-air":              {1, 172 * ms},
	"carte-stationnement":       {0.9996, 181 * ms},
	"aide-velo":                 {1, 183 * ms},
	"declaration-ruche":         {1, 191 * ms},
	"piscine-municipale":        {0.9999, 193 * ms},
	"procuration-vote":          {1, 193 * ms},
	"simulateur-retraite":       {0.9994, 194 * ms},
	"passeport":                 {1, 199 * ms},
	"carte-identite":            {0.9998, 215 * ms},
	"logement-etudiant":         {1, 229 * ms},
	"garde-enfant":              {1, 231 * ms},
	"titre-de-sejour":           {0.9997, 231 * ms},
	"aide-energie":              {0.9984, 245 * ms},
	"declaration-travaux":       {0.9976, 251 * ms},
	"immatriculation":           {0.9965, 266 * ms},
	"formation-professionnelle": {0.9955, 323 * ms},
	"recherche-emploi":          {0.9948, 333 * ms},
	"creation-entreprise":       {0.9936, 342 * ms},
	"prime-renovation":          {0.9911, 366 * ms},
	"demande-logement":          {0.9883, 385 * ms},
	"declaration-sociale":       {0.9825, 385 * ms},
	"signalement-nuisance":      {0.9818, 424 * ms},
	"dossier-medical":           {0.9805, 460 * ms},
	"subvention-association":    {0.9655, 562 * ms},
	"declaration-agricole":      {0.9505, 2600 * ms},
	"examen-conduite":           {0.653, 692 * ms},
}

// weak is the availability below which a démarche is seen to fail live.
const weak = 0.985

// personality returns how a démarche of this name behaves. A weak one is away
// for 40 seconds again and again, for as large a share of the time as in the history.
func (d figures) personality(id string) personality {
	p := personality{
		mean: d.mean, spread: 0.2, size: 4000 + int(seed(id, "size")%28000),
		drift: 0.3*share(id, "drift") - 0.15,
	}
	if d.availability < weak {
		const lasts = 40 * time.Second
		every := time.Duration(float64(lasts) / (1 - d.availability)).Round(time.Second)
		p.troubles = []trouble{{
			mode: unavailable, share: 1 - d.availability, spell: 3 + int(120*(1-d.availability)),
			live: cycle{lasts, every},
		}}
	} else if d.availability < 1 {
		p.troubles = outages(1 - d.availability)
	}
	return p
}
