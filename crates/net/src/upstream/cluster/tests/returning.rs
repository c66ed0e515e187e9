//! What an endpoint gets after an ejection, until it has shown that it is in order.

use tokio::task::JoinSet;

use super::*;
use crate::upstream::endpoint::ON_TRIAL;

const FAILURES: u32 = 3;

/// So short that a test sees the return, and not so short that it may miss the ejection.
const SPAN_MS: u64 = 700;

fn returning(services: &[&Service], at_most_per_10k: u16, head: Duration) -> ClusterConfig {
    let addresses: Vec<SocketAddr> = services.iter().map(|service| service.address).collect();
    let mut config = config(&addresses);
    config.upstream.head = head;
    config.eject = Eject { failures: FAILURES, span: Duration::from_millis(SPAN_MS), at_most_per_10k };
    config
}

fn is_ejected(cluster: &Cluster, service: &Service) -> bool {
    let states = cluster.endpoint_states();
    states.iter().find(|state| state.address == service.address).unwrap().ejected_for_ms.is_some()
}

/// Asks so often at a time that whoever is asked without a bound would notice.
fn crowd(cluster: &Arc<Cluster>, count: usize) -> JoinSet<Result<Sent, Undelivered>> {
    let mut asking = JoinSet::new();
    for _ in 0..count {
        let cluster = Arc::clone(cluster);
        asking.spawn(async move { ask(&cluster, get(), ONCE).await });
    }
    asking
}

/// One service that has failed, was ejected, and is back; from now on it hangs.
async fn one_that_is_back(head: Duration) -> (Service, Arc<Cluster>) {
    let service = Service::start(BAD).await;
    let cluster = cluster(returning(&[&service], 10_000, head));
    for _ in 0..FAILURES {
        answered(&cluster).await;
    }
    assert!(is_ejected(&cluster, &service));
    assert_eq!(service.asked(), FAILURES as usize);
    service.says(SILENT);
    until("its return", || !is_ejected(&cluster, &service)).await;
    (service, cluster)
}

#[tokio::test]
async fn a_hanging_service_gets_a_trial_of_requests_after_its_return_and_the_others_are_refused_at_once() {
    let (service, cluster) = one_that_is_back(LONG).await;
    let mut asking = crowd(&cluster, 40);
    for _ in 0..40 - FAILURES {
        let refused = asking.join_next().await.unwrap().unwrap().unwrap_err();
        assert_eq!((refused.error.kind, refused.attempts), (UpstreamErrorKind::Unavailable, 0));
        assert_eq!(refused.retry_after_s, Some(1));
    }
    until("the trial", || service.asked.load(Ordering::SeqCst) == FAILURES as usize).await;
    let state = &cluster.endpoint_states()[0];
    assert_eq!((state.in_flight, state.on_trial, state.ejections), (FAILURES, true, 1));
    // Callers that go away give their places back; the first success ends the trial.
    drop(asking);
    until("free places", || cluster.endpoint_states()[0].in_flight == 0).await;
    service.says(OK);
    service.asked();
    let sent = answered(&cluster).await;
    assert!(!cluster.endpoint_states()[0].on_trial);
    drop(sent);
    for answer in crowd(&cluster, 40).join_all().await {
        assert_eq!(answer.unwrap().response.status(), StatusCode::OK);
    }
    assert_eq!(service.asked(), 41);
}

#[tokio::test]
async fn a_trial_that_fails_ejects_again_for_longer_having_cost_no_more_than_its_requests() {
    let (service, cluster) = one_that_is_back(Duration::from_secs(1)).await;
    let answers = crowd(&cluster, 40).join_all().await;
    let waited = answers.iter().filter(|answer| answer.as_ref().unwrap_err().attempts > 0).count();
    assert_eq!((waited, service.asked()), (FAILURES as usize, FAILURES as usize));
    let state = &cluster.endpoint_states()[0];
    assert_eq!((state.ejections, state.on_trial), (2, false));
    assert!(state.ejected_for_ms.is_some_and(|left_ms| left_ms > SPAN_MS), "{state:?}");
}

#[tokio::test]
async fn an_answer_that_still_streams_takes_no_place_of_a_trial() {
    let (service, cluster) = one_that_is_back(LONG).await;
    service.says("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\n");
    let _streaming = [answered(&cluster).await, answered(&cluster).await];
    service.says(OK);
    assert_eq!(answered(&cluster).await.response.status(), StatusCode::OK);
    assert!(!cluster.endpoint_states()[0].on_trial);
}

#[tokio::test]
async fn a_failure_takes_its_place_of_a_trial_along() {
    let (service, cluster) = one_that_is_back(LONG).await;
    service.says(BAD);
    answered(&cluster).await;
    service.says(SILENT);
    service.asked();
    let mut asking = crowd(&cluster, 40);
    for _ in 0..40 - (FAILURES - 1) {
        assert!(asking.join_next().await.unwrap().unwrap().is_err());
    }
    until("the trial", || service.asked.load(Ordering::SeqCst) == FAILURES as usize - 1).await;
}

#[tokio::test]
async fn beside_a_returned_one_that_hangs_another_endpoint_gets_what_is_beyond_the_trial() {
    let services = [Service::start(SILENT).await, Service::start(OK).await];
    let cluster = cluster(returning(&services.each_ref(), 5_000, LONG));
    let endpoints = cluster.endpoints.load_full();
    endpoints[0].standing.ejected_until_ms.store(ON_TRIAL, Ordering::Relaxed);
    let mut asking = crowd(&cluster, 40);
    for _ in 0..40 - FAILURES {
        assert_eq!(asking.join_next().await.unwrap().unwrap().unwrap().address, services[1].address);
    }
    until("the trial", || services[0].asked.load(Ordering::SeqCst) == FAILURES as usize).await;
}

#[tokio::test]
async fn where_some_must_stay_in_all_on_trial_at_once_refuse_nobody() {
    let services = [Service::start(SILENT).await, Service::start(SILENT).await];
    for (at_most_per_10k, reached) in [(5_000, 40), (10_000, 2 * FAILURES as usize)] {
        let cluster = cluster(returning(&services.each_ref(), at_most_per_10k, LONG));
        for endpoint in cluster.endpoints.load().iter() {
            endpoint.standing.ejected_until_ms.store(ON_TRIAL, Ordering::Relaxed);
        }
        let asked = || services.iter().map(|service| service.asked.load(Ordering::SeqCst)).sum::<usize>();
        let mut asking = crowd(&cluster, 40);
        until("the requests", || asked() == reached).await;
        for _ in 0..40 - reached {
            let refused = asking.join_next().await.unwrap().unwrap().unwrap_err();
            assert_eq!(refused.error.kind, UpstreamErrorKind::Unavailable);
        }
        assert_eq!(services.iter().map(Service::asked).sum::<usize>(), reached);
    }
}

#[tokio::test]
async fn what_was_begun_before_an_ejection_does_not_decide_the_trial_after_it() {
    let service = Service::start(SILENT).await;
    let cluster = cluster(returning(&[&service], 10_000, Duration::from_secs(5)));
    let hanging = crowd(&cluster, 10);
    until("ten requests", || service.asked.load(Ordering::SeqCst) == 10).await;
    service.says(BAD);
    for _ in 0..FAILURES {
        answered(&cluster).await;
    }
    assert!(is_ejected(&cluster, &service));
    until("its return", || !is_ejected(&cluster, &service)).await;
    for answer in hanging.join_all().await {
        assert_eq!(answer.unwrap_err().error.kind, UpstreamErrorKind::Timeout);
    }
    let state = &cluster.endpoint_states()[0];
    assert_eq!((state.on_trial, state.ejections, state.failures), (true, 1, 10 + u64::from(FAILURES)));
    service.says(OK);
    assert_eq!(answered(&cluster).await.response.status(), StatusCode::OK);
}
