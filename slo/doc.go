// Package slo is the arithmetic of service levels: profiles and their bands,
// windows, counts, verdicts, error budgets and burn rates. It does no I/O and
// reads no clock: every function is a function of its arguments.
package slo
