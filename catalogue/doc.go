// Package catalogue describes what is watched, for readers: producers, their
// APIs and démarches, what each declares and commits itself to, and which
// démarche depends on which API.
package catalogue
