//! The measurements.

mod whole;
mod world;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gateway::learned::{Learned, Owner};
use gateway::objects::{ObjectKeys, ObjectName};
use policy::bindings::{List, Properties};
use policy::decide::{Decider, Query, Subject, Target};
use policy::properties::{Guard, Rules};
use policy::shown::{self, Cuts};
use policy::{Origin, Path};
use serde_json::{Value, json};

use crate::bench::arguments::Arguments;
use crate::bench::statistics::{median, paired};
use world::World;

const POLICIES: usize = 1_000;
const DECISIONS: usize = 20_000;
const LISTS: usize = 200;
const PARSES: usize = 2_000;
const PRINCIPALS: usize = 10_000;
const OBJECTS: usize = 1_000_000;

pub fn run(arguments: &Arguments) -> Result<(), String> {
    let world = World::new()?;
    let mut figures = Vec::new();
    decisions(&world, arguments.rounds, &mut figures)?;
    lists(&world, arguments.rounds, &mut figures)?;
    answers(&world, arguments.rounds, &mut figures)?;
    learned(&mut figures)?;
    whole::run(&mut figures)?;
    report(&figures, arguments.json);
    Ok(())
}

pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    /// NaN where there is none.
    pub(super) goal: f64,
}

/// Microseconds a call.
fn time(calls: usize, mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        call();
    }
    start.elapsed().as_secs_f64() * 1e6 / calls as f64
}

fn decisions(world: &World, rounds: usize, figures: &mut Vec<Figure>) -> Result<(), String> {
    let subject = world::subject();
    let facts = world::facts("another");
    for (concerned, names, goal) in [
        (5, ["decision, 5 of 1,000 policies", "5 of 1,000 beside 5 alone"], 20.0),
        (50, ["decision, 50 of 1,000 policies", "50 of 1,000 beside 50 alone"], 60.0),
    ] {
        let among = world.decider(concerned, POLICIES - concerned)?;
        let alone = world.decider(concerned, 0)?;
        let once = |decider: &dyn Decider| {
            time(DECISIONS, || _ = black_box(decider.decide(black_box(&world::question(&subject, &facts)))))
        };
        let (mut many, mut few) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            many.push(once(&*among));
            few.push(once(&*alone));
        }
        let ratio = paired(&many, &few);
        figures.push(Figure { name: names[0], value: median(many), unit: "us", goal });
        figures.push(Figure { name: names[1], value: ratio, unit: "x", goal: 1.3 });
    }
    Ok(())
}

/// Parse, facts of each item, decision on each, items taken out; then each item asked by itself.
fn lists(world: &World, rounds: usize, figures: &mut Vec<Figure>) -> Result<(), String> {
    let subject = world::subject();
    let decider = world.decider(5, POLICIES - 5)?;
    let body = world::orders(100, 200, &subject);
    let kept = filtered(world, &*decider, &subject, &body)?;
    let by_item = one_by_one(world, &*decider, &subject, &body)?;
    if kept != by_item || kept == 0 || kept == 100 {
        return Err(format!("the list keeps {kept} items, asked one by one {by_item}"));
    }
    let times = (0..rounds)
        .map(|_| time(LISTS, || _ = black_box(filtered(world, &*decider, &subject, &body))) / 1000.0);
    figures.push(Figure {
        name: "list of 100 items filtered",
        value: median(times.collect()),
        unit: "ms",
        goal: 2.0,
    });
    Ok(())
}

fn filtered(world: &World, decider: &dyn Decider, subject: &Subject, body: &Bytes) -> Result<usize, String> {
    let tape = parse(body)?;
    let list = List {
        kind: "Order".into(),
        items: Path::parse("$[*]").map_err(|fault| fault.to_string())?,
        filter: true,
        total: None,
        drop: Vec::new(),
        overfetch: None,
    };
    let mut kept = 0;
    let mut keeps = |item: tape::Node<'_>| {
        let keeps = allowed(world, decider, subject, item);
        kept += usize::from(keeps);
        keeps
    };
    let cuts = shown::list(tape.root(), &list, &mut keeps).map_err(|fault| fault.to_string())?;
    black_box(cuts.into_ranges());
    Ok(kept)
}

fn one_by_one(
    world: &World,
    decider: &dyn Decider,
    subject: &Subject,
    body: &Bytes,
) -> Result<usize, String> {
    let tape = parse(body)?;
    Ok(tape.root().items().filter(|item| allowed(world, decider, subject, *item)).count())
}

fn allowed(world: &World, decider: &dyn Decider, subject: &Subject, item: tape::Node<'_>) -> bool {
    let Some(resource) = world.bindings.resources.get("Order") else { return false };
    let Some(id) = resource.id_in(item) else { return false };
    let facts = resource.facts_in(item, subject, Origin::Response);
    let target = Target::Object { kind: "Order", id: &id, facts: &facts };
    decider.decide(&Query { target, ..world::question(subject, &facts) }).allowed
}

/// Parse, facts, decision and property rules of each item of 64 KiB, beside the parse, and that beside sonic-rs.
fn answers(world: &World, rounds: usize, figures: &mut Vec<Figure>) -> Result<(), String> {
    let subject = world::subject();
    let decider = world.decider(5, POLICIES - 5)?;
    let names = ["id", "owner", "status", "lines", "note"].map(Arc::from).to_vec();
    let read = [(Arc::from("default"), names)].into();
    let properties = Properties { read: Some(read), ..Properties::default() };
    let rules = Rules::reading(Some(&properties), Guard::default());
    // Sixteen objects whose text is long are read in no time, and decided sixteen times: the least kind ratio.
    for (body, names, goal) in [
        (
            world::order(900, &subject),
            ["one object of 64 KiB checked", "checked beside our parse", "our parse beside sonic-rs"],
            [f64::NAN, 3.0, 2.0],
        ),
        (
            world::orders(16, 3_950, &subject),
            ["16 objects of 64 KiB checked", "16 checked beside our parse", "16 parsed beside sonic-rs"],
            [f64::NAN; 3],
        ),
    ] {
        let (mut checked, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            checked.push(time(PARSES, || _ = black_box(check(world, &*decider, &subject, &rules, &body))));
            ours.push(time(PARSES, || _ = black_box(parse(&body))));
            theirs.push(time(PARSES, || _ = black_box(sonic_rs::from_slice::<sonic_rs::Value>(&body))));
        }
        let values = [median(checked.clone()), paired(&checked, &ours), paired(&ours, &theirs)];
        for (((name, value), unit), goal) in names.into_iter().zip(values).zip(["us", "x", "x"]).zip(goal) {
            figures.push(Figure { name, value, unit, goal });
        }
    }
    Ok(())
}

fn check(
    world: &World,
    decider: &dyn Decider,
    subject: &Subject,
    rules: &Rules,
    body: &Bytes,
) -> Result<usize, String> {
    let tape = parse(body)?;
    let mut cuts = Cuts::default();
    for item in tape.root().items() {
        let owns = allowed(world, decider, subject, item);
        cuts.properties(item, &rules.allowance(subject, owns));
    }
    Ok(cuts.into_ranges().len())
}

fn parse(body: &Bytes) -> Result<tape::Tape, String> {
    tape::json::parse(body.clone(), &tape::Limits::default()).map_err(|fault| fault.to_string())
}

fn learned(figures: &mut Vec<Figure>) -> Result<(), String> {
    let before = resident_bytes()?;
    let learned = Learned::new(OBJECTS);
    let keys = ObjectKeys::default();
    let order = |id: &str| keys.key("orders", ObjectName { kind: "Order", id });
    let owners: Vec<Owner> = (0..PRINCIPALS)
        .map(|number| Owner {
            space: "https://login.example/".into(),
            subject: format!("7b0e3a4c-0d2f-4b57-9a66-{number:012}").into(),
            tenant: format!("tenant-{}", number % 100).into(),
        })
        .collect();
    for number in 0..OBJECTS {
        let Some(owner) = owners.get(number % PRINCIPALS) else { continue };
        learned.learn(order(&number.to_string()), owner.clone(), 1);
    }
    let megabytes = (resident_bytes()? - before) / 1e6;
    let sought = order("7");
    if learned.len() != OBJECTS || learned.owner(sought, 1).as_ref() != owners.get(7) {
        return Err("not everything was learned".to_owned());
    }
    figures.push(Figure {
        name: "1,000,000 learned objects of 10,000 principals",
        value: megabytes,
        unit: "MB",
        goal: 500.0,
    });
    Ok(())
}

/// `VmRSS` of `/proc/self/status`.
fn resident_bytes() -> Result<f64, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: f64 =
        line.trim().trim_end_matches("kB").trim().parse().map_err(|_| "VmRSS is no number")?;
    Ok(kilobytes * 1024.0)
}

fn report(figures: &[Figure], json: bool) {
    if json {
        let figures: Vec<Value> = figures
            .iter()
            .map(|figure| json!({ "name": figure.name, "value": figure.value, "unit": figure.unit, "goal": figure.goal }))
            .collect();
        println!("{}", json!({ "version": 1, "figures": figures }));
        return;
    }
    println!("{:<50} {:>10} {:<3} {:>9}", "", "measured", "", "at most");
    for Figure { name, value, unit, goal } in figures {
        let goal = if goal.is_nan() { String::new() } else { format!("{goal}") };
        println!("{name:<50} {value:>10.2} {unit:<3} {goal:>9}");
    }
}
