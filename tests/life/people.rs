//! Fifty people who owe money, each with a way of their own to deal with it. What they do follows from that, from their number
//! and from what was done before; nothing is drawn while the days go by. Knows no command.

/// How somebody deals with what they owe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nature {
    /// Pays before each instalment falls due.
    PaysInTime,
    /// Had forgotten, and pays some days after somebody asked.
    Forgot,
    /// Promises and keeps it.
    KeepsPromises,
    /// Promises on the phone, breaks it, promises again and keeps that.
    BreaksPromises,
    /// Promises and pays half of it; the rest after somebody asked again.
    PaysHalf,
    /// Agrees to instalments and pays them.
    KeepsPlan,
    /// Agrees to instalments, pays the first, and later agrees to others and pays them.
    BreaksPlan,
    /// Agrees to instalments, and asks for smaller ones before one is missed.
    ChangesPlan,
    /// Lives elsewhere by now.
    Moved,
    /// Says that the amount is wrong.
    Disputes,
    /// Lost the work, and says so.
    Hardship,
    /// Wants to be left in peace.
    WantsQuiet,
    /// Neither answers nor opens.
    NeverThere,
    /// Has another number now, and pays once somebody came.
    NewNumber,
    /// Pays after the visit and complains about it.
    Complains,
    /// Died; a relative says so on the phone.
    Died,
}

use Nature::{
    BreaksPlan, BreaksPromises, ChangesPlan, Complains, Died, Disputes, Forgot, Hardship, KeepsPlan, KeepsPromises,
    Moved, NeverThere, NewNumber, PaysHalf, PaysInTime, WantsQuiet,
};

/// Those of the portfolio that people are visited for, in turn.
const VISITED: [Nature; 16] = [
    PaysInTime,
    Forgot,
    KeepsPromises,
    BreaksPromises,
    PaysHalf,
    KeepsPlan,
    BreaksPlan,
    ChangesPlan,
    Moved,
    Disputes,
    Hardship,
    WantsQuiet,
    NeverThere,
    NewNumber,
    Complains,
    Died,
];

/// Those of the portfolio that nobody is visited for.
const LETTERS: [Nature; 10] = [
    PaysInTime,
    Forgot,
    KeepsPromises,
    BreaksPromises,
    PaysHalf,
    KeepsPlan,
    BreaksPlan,
    Hardship,
    NeverThere,
    NeverThere,
];

/// How many people are in the portfolio that people are visited for.
const OF_VISITED: i64 = 40;

/// What somebody says when the phone rings or the door opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// Nothing: nobody is there.
    Nothing,
    /// That nobody of this name is reached there.
    NotHere,
    /// That they do not want to talk.
    No,
    /// That they had forgotten, and pay so many days later.
    Yes(i64),
    /// That they will pay so many days later; of 100 parts so many will come.
    Promise(i64, i64),
    /// That they can pay in so many weekly instalments; so many of them will come.
    Instalments(u16, usize),
    /// That the amount is wrong.
    Wrong,
    /// That they cannot.
    Cannot,
    /// That the person died.
    Died,
}

/// An amount on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) day: i64,
    pub(crate) cents: i64,
}

/// Somebody who owes money.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// The number of their loan.
    pub(crate) number: String,
    pub(crate) at: i64,
    pub(crate) nature: Nature,
    /// Whether theirs is the portfolio that nobody is visited for.
    pub(crate) letters_only: bool,
    /// What falls due, in order.
    pub(crate) instalments: Vec<Due>,
    /// What they have paid, in order.
    pub(crate) paid: Vec<Due>,
    /// What they mean to pay.
    pub(crate) means_to: Vec<Due>,
    /// On which days they were called.
    pub(crate) calls: Vec<i64>,
    /// On which days somebody came to their door.
    pub(crate) visits: Vec<i64>,
    /// How often they agreed to something.
    pub(crate) times_said: i64,
    /// The instalments that they agreed to last: the agreement, and when that was.
    pub(crate) plan: Option<(String, i64)>,
    /// Whether the office has their new number.
    pub(crate) corrected: bool,
}

fn sum<'a>(of: impl Iterator<Item = &'a Due>) -> i64 {
    of.map(|due| due.cents).sum()
}

impl Person {
    /// What fell due until a day, less what was paid until then; below zero where they paid ahead.
    pub(crate) fn balance(&self, day: i64) -> i64 {
        let due = self.instalments.iter().filter(|due| due.day <= day);
        sum(due) - sum(self.paid.iter().filter(|paid| paid.day <= day))
    }

    /// What they owe on a day.
    pub(crate) fn owes(&self, day: i64) -> i64 {
        self.balance(day).max(0)
    }

    /// The day of the oldest instalment of which something is left, whenever it falls due.
    pub(crate) fn oldest(&self) -> Option<i64> {
        let mut paid = sum(self.paid.iter());
        let open = self.instalments.iter().find(|due| {
            paid -= due.cents;
            paid < 0
        });
        open.map(|due| due.day)
    }

    /// What is still to fall due or to be paid, whenever it is.
    pub(crate) fn owes_ever(&self) -> i64 {
        sum(self.instalments.iter()) - sum(self.paid.iter())
    }

    /// What they pay on a day: what they meant to, and who always pays in time what falls due tomorrow.
    pub(crate) fn pays(&mut self, day: i64) -> Option<Due> {
        let in_time = |due: &&Due| self.nature == PaysInTime && due.day == day + 1;
        let in_time = sum(self.instalments.iter().filter(in_time));
        let meant = sum(self.means_to.iter().filter(|due| due.day == day));
        let cents = (in_time + meant).min(self.owes_ever());
        (cents > 0).then(|| {
            let due = Due { day, cents };
            self.paid.push(due);
            due
        })
    }

    /// What the bank takes back on a day: of some who had forgotten, the first debit bounces after three days.
    pub(crate) fn bounces(&mut self, day: i64) -> Option<Due> {
        let &[first] = self.paid.as_slice() else { return None };
        let bounces = self.nature == Forgot && self.at % 10 == 1 && day == first.day + 3;
        bounces.then(|| {
            let cents = -first.cents;
            self.paid.push(Due { day, cents });
            first
        })
    }

    /// Whether a transfer of theirs names a loan that nobody has: of one who always pays in time, the first.
    pub(crate) fn mistypes(&self) -> bool {
        self.nature == PaysInTime && self.at == VISITED.len() as i64 && self.paid.len() == 1
    }

    /// What they say on the phone.
    pub(crate) fn answers(&mut self, day: i64) -> Says {
        self.calls.push(day);
        let at_the_door = self.at / VISITED.len() as i64 == 1 && !self.letters_only;
        match self.nature {
            Moved | NeverThere | Complains => Says::Nothing,
            // Those of the second round say it at the door.
            Disputes | Hardship | WantsQuiet if at_the_door => Says::Nothing,
            BreaksPromises | BreaksPlan if self.times_said > 0 && !self.letters_only => Says::Nothing,
            NewNumber if !self.corrected => Says::NotHere,
            _ => self.says(),
        }
    }

    /// What they say at the door.
    pub(crate) fn opens(&mut self, day: i64) -> Says {
        self.visits.push(day);
        match self.nature {
            NeverThere => Says::Nothing,
            Moved => Says::NotHere,
            _ => self.says(),
        }
    }

    /// A letter announces a visit: who had one that they complained of pays at once, so that nobody comes again.
    pub(crate) fn is_told(&mut self, day: i64) {
        if self.nature == Complains && !self.visits.is_empty() {
            let cents = self.owes(day + 1);
            self.means_to.push(Due { day: day + 1, cents });
        }
    }

    /// Whether they call by themselves on a day, because they would rather pay less at once: once, after the first instalment.
    pub(crate) fn asks_for_another_plan(&self, day: i64) -> bool {
        self.nature == ChangesPlan
            && self.times_said == 1
            && self.plan.as_ref().is_some_and(|(_, made)| day >= made + 8)
    }

    /// What they say to somebody who reached them.
    fn says(&mut self) -> Says {
        let before = self.times_said;
        self.times_said += 1;
        match self.nature {
            WantsQuiet => Says::No,
            Disputes => Says::Wrong,
            Hardship => Says::Cannot,
            Died => Says::Died,
            KeepsPromises => Says::Promise(5, 100),
            BreaksPromises => Says::Promise(5, if before == 0 { 0 } else { 100 }),
            PaysHalf if before == 0 => Says::Promise(5, 50),
            KeepsPlan => Says::Instalments(3, 3),
            BreaksPlan if before == 0 => Says::Instalments(4, 1),
            BreaksPlan => Says::Instalments(2, 2),
            ChangesPlan => Says::Instalments(4, 4),
            _ => Says::Yes(4),
        }
    }
}

/// The people.
pub(crate) struct Town {
    pub(crate) people: Vec<Person>,
}

impl Town {
    /// Fifty people. Some are late on the first day, the others become so.
    pub(crate) fn made() -> Self {
        let person = |at: i64| {
            let letters_only = at >= OF_VISITED;
            let nature = if letters_only {
                LETTERS[(at - OF_VISITED) as usize]
            } else {
                VISITED[at as usize % VISITED.len()]
            };
            let first = -20 + at * 7 % 45;
            let cents = 12_000 + at * 731 % 14_000;
            let due = |month: i64| Due {
                day: first + 30 * month,
                cents,
            };
            Person {
                number: format!("L-{:04}", 1_001 + at),
                at,
                nature,
                letters_only,
                instalments: (0..=at % 3).map(due).collect(),
                paid: Vec::new(),
                means_to: Vec::new(),
                calls: Vec::new(),
                visits: Vec::new(),
                times_said: 0,
                plan: None,
                corrected: false,
            }
        };
        Self {
            people: (0..50).map(person).collect(),
        }
    }

    /// The person with this loan.
    pub(crate) fn of(&mut self, number: &str) -> &mut Person {
        let found = self.people.iter_mut().find(|person| person.number == number);
        found.unwrap_or_else(|| panic!("nobody has the loan {number}"))
    }
}
