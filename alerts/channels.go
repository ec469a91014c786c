package alerts

import (
	"maps"
	"slices"
)

// kinds are the kinds of channel by the key that names them in the
// configuration; a maker sets the defaults.
var kinds = map[string]func() Notifier{
	"email":   func() Notifier { return newEmail() },
	"webhook": func() Notifier { return newWebhook() },
}

// NewChannel returns a notifier of the kind with its default settings; false
// when there is no such kind.
func NewChannel(kind string) (Notifier, bool) {
	make, ok := kinds[kind]
	if !ok {
		return nil, false
	}
	return make(), true
}

// ChannelKinds returns the names of the kinds of channel, sorted.
func ChannelKinds() []string { return slices.Sorted(maps.Keys(kinds)) }
