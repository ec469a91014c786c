// Package dashboard is the public site and its JSON API: pages in French with
// the same in English below /en/, which work without JavaScript, and the same
// figures for machines below /api/v1/.
//
// It computes no verdict: values, levels, counts and days come from the
// [observatory.Snapshot], and the series behind its charts from a [Series]. It
// formats them, so that a shown percentage is floored and never reaches a level
// that the value has not reached.
package dashboard
