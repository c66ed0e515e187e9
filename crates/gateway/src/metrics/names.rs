//! Every metric there is, with the sentence that describes it.

use metrics::Recorder;
use metrics_exporter_prometheus::PrometheusRecorder;

pub(super) const COUNTERS: &[(&str, &str)] = &[
    ("bartizan_requests_total", "Requests by API, operation, method, outcome, status and refusal code."),
    ("bartizan_listener_refusals_total", "Heads that were refused before they could be routed."),
    (
        "bartizan_connections_ended_total",
        "Connections that were refused or ended, and failed accepts, by reason.",
    ),
    ("bartizan_checks_total", "Verdicts of checks by check and mode."),
    ("bartizan_check_panics_total", "Checks that panicked; each was treated as an error."),
    ("bartizan_questions_total", "Questions to the outside by kind and outcome."),
    ("bartizan_fetch_failures_total", "Fetches of keys and introspections that failed, by issuer and kind."),
    (
        "bartizan_limited_total",
        "Requests refused by a limit, by its name and which of its counts was used up.",
    ),
    (
        "bartizan_limits_unkept_total",
        "Times that the counts of a day could not be written to the state directory.",
    ),
    (
        "bartizan_shed_total",
        "Requests that gave way because their API's service was busy, by class and importance.",
    ),
    ("bartizan_limit_keys_evicted_total", "Keys of limits that gave way, fully recovered or partly used."),
    ("bartizan_limit_decisions_shared_total", "Decisions of limits in a shared bucket for want of a place."),
    (
        "bartizan_block_hits_total",
        "Requests and streams that the emergency block list refused, by kind of target.",
    ),
    ("bartizan_records_lost_total", "Records lost to a full queue or a failing disk."),
    ("bartizan_records_written_total", "Records written to their segment."),
    ("bartizan_spans_lost_total", "Trace spans lost to a full queue or a failing collector."),
    ("bartizan_upstream_failures_total", "Connections, answers and bodies that failed, by API and endpoint."),
    ("bartizan_upstream_ejections_total", "Times that an endpoint was ejected."),
    ("bartizan_upstream_ejections_forgone_total", "Ejections that the floor prevented (`eject.at_most`)."),
    ("bartizan_upstream_probe_failures_total", "Probes of an endpoint that failed."),
    ("bartizan_upstream_retries_total", "Requests that were sent to a second endpoint."),
    ("bartizan_upstream_retries_without_budget_total", "Requests not sent again for want of budget."),
    ("bartizan_upstream_refusals_total", "Requests that no endpoint could take, by API and code."),
    ("bartizan_upstream_name_failures_total", "Resolutions of a target's name that failed."),
    ("bartizan_evidence_calls_total", "Requests to an API's own service to find out whose an object is."),
    ("bartizan_evidence_failures_total", "Questions about objects that the service did not answer usably."),
    ("bartizan_evidence_cache_total", "Questions about objects by whether the answer was known."),
    ("bartizan_snapshots_total", "Configurations that came into force."),
    ("bartizan_snapshots_refused_total", "Configurations that were refused on reload."),
];

pub(super) const GAUGES: &[(&str, &str)] = &[
    ("bartizan_snapshot_info", "1 for the configuration in force."),
    (
        "bartizan_upstream_endpoint_up",
        "1 while an endpoint takes requests without a bound of a trial, by API and endpoint.",
    ),
    ("bartizan_upstream_in_flight", "Requests at an endpoint."),
    ("bartizan_upstream_pending", "Requests that wait for a place at an endpoint."),
    (
        "bartizan_upstream_name_failing",
        "1 while a target's name cannot be resolved; its last addresses hold.",
    ),
    ("bartizan_buffered_bytes", "Bytes held of bodies and of heads that are not whole."),
    ("bartizan_connections_open", "Connections open at a listener."),
    ("bartizan_limit_keys", "Keys of limits held."),
    ("bartizan_concurrency_bound", "Requests that an API's service is given at once."),
    (
        "bartizan_concurrency_in_flight",
        "Requests that wait for the head of their answer, of APIs that bound them.",
    ),
    (
        "bartizan_certificate_expires_timestamp_seconds",
        "When a listener's certificate expires, by its names.",
    ),
    ("bartizan_certificate_order_failures", "Orders of certificates that failed since the last success."),
    ("bartizan_blocks", "Blocks held by kind of target."),
    ("bartizan_blocks_not_durable", "Blocks in force that a restart would lift."),
    ("bartizan_learned_objects", "Objects known by the answers that made them."),
    ("bartizan_tokens_cached", "Verified tokens and introspection answers held."),
    ("bartizan_keys", "Keys held of an issuer, by their source."),
    ("bartizan_keys_age_seconds", "Since an issuer's keys were last fetched."),
    ("bartizan_keys_fetch_failures", "Failed fetches of an issuer's keys since the last success."),
    ("bartizan_fetch_failing", "1 while the last fetch of keys or introspection failed."),
    ("bartizan_requests_in_flight", "Requests whose answer has not ended."),
];

pub(super) const HISTOGRAMS: &[(&str, &str)] = &[
    ("bartizan_request_duration_seconds", "From the whole head to the end of the answer."),
    ("bartizan_upstream_duration_seconds", "From the first byte sent upstream to its response head."),
    ("bartizan_check_duration_seconds", "One check of one request, questions included."),
    ("bartizan_question_duration_seconds", "One question to the outside."),
];

pub(super) fn describe(recorder: &PrometheusRecorder) {
    for (name, text) in COUNTERS {
        recorder.describe_counter((*name).into(), None, (*text).into());
    }
    for (name, text) in GAUGES {
        recorder.describe_gauge((*name).into(), None, (*text).into());
    }
}
