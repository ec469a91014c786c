// Package demo lets the observatory be tried without a network. [Start] serves
// simulated public APIs and démarches on loopback, and writes a configuration
// that watches them; [History] makes up the year of measurements that an
// observatory would have of them. Both draw on one table of personalities, so
// that what is measured live goes on where the history ends.
//
// Everything is fictitious and says so: names end with "(simulée)" or "(simulé)".
package demo
