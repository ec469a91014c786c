package slo

// Names of the profiles that services are held against unless the catalogue
// names another.
const (
	ForAPI      = "dinum-api"
	ForDemarche = "vos-demarches-essentielles"
)

// minAvailability is how many measurements an availability needs: with fewer,
// one failure weighs more than the tenth of a percent that parts 99.9 % from less.
const minAvailability = 1000

// minTime is how many measurements a mean time needs.
const minTime = 100

// Profiles returns the built-in profiles by name. Each number names its source.
func Profiles() map[string]Profile {
	const (
		guide   = "DINUM, Guide pratique pour la diffusion d'une API (api.gouv.fr)"
		levels  = "DINUM, Vos démarches essentielles, niveaux des indicateurs"
		inspire = "Règlement (CE) n° 976/2009 (INSPIRE), annexe I"
	)
	quarter := Days(90)
	profiles := map[string]Profile{
		ForAPI: {Title: "Niveau recommandé pour une API", Objectives: []Objective{
			{Availability, AtLeast(0.999), AtLeast(0.985), quarter, minAvailability, guide + " : 99,9 % ; " + levels + " : 98,5 %"},
			{ServerTime, Below(0.050), Below(0.400), quarter, minTime, guide + " : 50 ms ; " + levels + " : 400 ms"},
		}},
		ForDemarche: {Title: "Niveau recommandé pour une démarche", Objectives: []Objective{
			{Availability, AtLeast(0.999), AtLeast(0.985), quarter, minAvailability, levels},
			{PageTime, Below(0.400), AtMost(0.800), quarter, minTime, levels},
		}},
	}
	for name, firstByte := range map[string]float64{"inspire-discovery": 3, "inspire-view": 5, "inspire-download": 30} {
		profiles[name] = Profile{Title: "INSPIRE", Objectives: []Objective{
			{Availability, AtLeast(0.99), Band{}, quarter, minAvailability, inspire},
			{ServerTime, AtMost(firstByte), Band{}, quarter, minTime, inspire},
		}}
	}
	for name, p := range profiles {
		p.Name = name
		profiles[name] = p
	}
	return profiles
}
