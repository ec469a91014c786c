package metrics

import "github.com/prometheus/client_golang/prometheus"

// alerting counts how telling fares.
type alerting struct {
	firing   prometheus.Gauge
	waiting  *prometheus.GaugeVec   // channel
	attempts *prometheus.CounterVec // channel, outcome
}

func newAlerting() alerting {
	return alerting{
		firing: gauge("alerts_firing", "Breaches of a service level that last."),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "alert_deliveries_waiting",
			Help: "Messages that a channel has not taken yet.",
		}, []string{"channel"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "alert_attempts_total",
			Help: "Attempts to deliver a message since the start of the observatory, by outcome: delivered or failed.",
		}, []string{"channel", "outcome"}),
	}
}

// Firing keeps how many breaches last.
func (m *Metrics) Firing(n int) { m.alerting.firing.Set(float64(n)) }

// Waiting keeps how many messages a channel has not taken yet.
func (m *Metrics) Waiting(channel string, n int) {
	m.alerting.waiting.WithLabelValues(channel).Set(float64(n))
}

// Attempted counts an attempt to deliver a message.
func (m *Metrics) Attempted(channel string, delivered bool) {
	outcome := "failed"
	if delivered {
		outcome = "delivered"
	}
	m.alerting.attempts.WithLabelValues(channel, outcome).Inc()
}
