// Package config reads the configuration, probes.yaml: what is watched, how
// often, against which levels, whom to tell and where to keep it.
//
// It reads by the settings that the kinds themselves declare (a probe kind, an
// assertion, an alert channel, a storage engine: their exported fields), so that
// a new kind needs no line here, and [Reference] lists what can be written from
// the same declarations. Nothing is taken silently: an unknown key, a duplicate
// one, a value of the wrong type, an unknown reference or a missing secret is a
// [Fault] with its file, line and path. All faults are reported together, and
// one is enough to refuse the whole.
package config
