// Package alerts decides when to tell whom that a service level is breached,
// and tells: once when it begins and once when it ends. What is firing and what
// is still to be delivered is kept in one transaction, so that neither a restart
// nor a kill loses an alert or sends it a second time under another name.
package alerts
