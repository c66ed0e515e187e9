//! What a benchmark was asked for.

const ROUNDS: usize = 5;
const MINUTES: u64 = 30;

#[derive(Debug)]
pub struct Arguments {
    pub json: bool,
    pub rounds: usize,
    pub minutes: u64,
    /// Only cases whose name holds this text.
    pub only: Option<String>,
}

impl Arguments {
    pub fn read(given: &[String]) -> Result<Self, String> {
        let mut read = Self { json: false, rounds: ROUNDS, minutes: MINUTES, only: None };
        let mut given = given.iter();
        while let Some(name) = given.next() {
            let mut value = || given.next().ok_or_else(|| format!("{name} takes a value"));
            match name.as_str() {
                "--json" => read.json = true,
                "--rounds" => read.rounds = number(name, value()?)?,
                "--minutes" => read.minutes = number(name, value()?)?,
                "--only" => read.only = Some(value()?.clone()),
                _ => return Err(format!("`{name}` is not an argument of bench")),
            }
        }
        Ok(read)
    }
}

fn number<N: std::str::FromStr + PartialOrd + From<u8>>(name: &str, text: &str) -> Result<N, String> {
    text.parse()
        .ok()
        .filter(|number| *number >= N::from(1))
        .ok_or_else(|| format!("{name} takes a number from 1"))
}
