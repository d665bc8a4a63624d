//! Invented publishers: about one for three snaps, some with many.

use crate::exchange::generate::dice::Dice;
use crate::exchange::generate::dice::Purpose;
use crate::exchange::generate::names;
use crate::exchange::generate::sure;
use crate::exchange::generate::words;
use crate::snap::Publisher;
use crate::snap::Validation;

/// How many snaps there are for a publisher.
const SNAPS_EACH: u64 = 3;

/// The publisher of a snap: mostly the one of its neighbours, sometimes an older one, who thus has many.
pub(super) fn of_snap(number: u64, seed: u64, dice: &mut Dice) -> Publisher {
    let newest = number / SNAPS_EACH;
    let publisher = if dice.per_mille(200) { dice.below(newest + 1) } else { newest };
    invent(publisher, seed)
}

fn invent(number: u64, seed: u64) -> Publisher {
    let mut dice = Dice::new(seed, Purpose::Publisher, number);
    // From the far end of the names, so that publishers are not called like their snaps.
    let parts = names::name(names::N_NAMES - 1 - number, seed);
    let (username, display_name) = match dice.below(3) {
        0 => (parts.join(""), words::capital(parts[1])),
        1 => {
            (parts.join("-"), format!("{} {}", words::capital(parts[0]), words::capital(parts[1])))
        }
        _ => (parts.join("-"), format!("{} Project", words::capital(parts[1]))),
    };
    let validation = dice.weighted(&[
        (70, Validation::Verified),
        (50, Validation::Starred),
        (880, Validation::Unproven),
    ]);
    Publisher {
        id: sure(&dice.key()),
        username: sure(&username),
        display_name: sure(&display_name),
        validation,
    }
}
