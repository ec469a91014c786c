// Package probes checks a service from outside, once: it sends what a user of
// the service would send, times each phase of the answer, and judges the answer
// by the assertions that the catalogue declares.
//
// A [Probe] is a value: a [Prober] (one kind, such as http), its assertions and
// its deadline. [Probe.Run] gives one [Result], which is a fact: nothing after
// it changes what was measured. A fault of ours (no route, a resolver that does
// not answer, our quota used up) makes the outcome [Unknown], never [Down].
package probes
