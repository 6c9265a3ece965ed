//! Fifty people who owe money, each with a way of their own to deal with it. What they do follows from that, from their number
//! and from what was done before; nothing is drawn while the days go by. Knows no command.

/// How somebody deals with what they owe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nature {
    /// Pays before each instalment falls due.
    PaysInTime,
    /// Pays some weeks late, without being asked.
    PaysLate,
    /// Promises on the phone and keeps it.
    KeepsPromises,
    /// Promises on the phone, breaks it, promises again at the door and keeps that.
    BreaksPromises,
    /// Answers nobody on the phone, agrees to instalments at the door and pays them.
    KeepsPlan,
    /// Agrees to instalments, pays the first, and later agrees anew and pays.
    BreaksPlan,
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
}

/// What somebody says when the phone rings or the door opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// Nothing: nobody is there.
    Nothing,
    /// That nobody of this name is reached there.
    NotHere,
    /// That they do not want to talk.
    No,
    /// That they listened.
    Yes,
    /// That they will pay so many days later.
    Promise(i64),
    /// That they can pay in so many instalments, the first so many days later.
    Instalments(i64, i64),
    /// That the amount is wrong.
    Wrong,
    /// That they cannot.
    Cannot,
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
    /// What they said they would pay, and mean to.
    pub(crate) means_to: Vec<Due>,
    /// On which days they were spoken to on the phone.
    pub(crate) calls: Vec<i64>,
    /// On which days somebody came to their door.
    pub(crate) visits: Vec<i64>,
    /// When they last said when they would pay.
    pub(crate) said: Option<i64>,
    /// How often they did.
    pub(crate) times_said: i64,
}

impl Person {
    /// What they owe on a day.
    pub(crate) fn owes(&self, day: i64) -> i64 {
        let due: i64 = self
            .instalments
            .iter()
            .filter(|due| due.day <= day)
            .map(|due| due.cents)
            .sum();
        let paid: i64 = self
            .paid
            .iter()
            .filter(|paid| paid.day <= day)
            .map(|paid| paid.cents)
            .sum();
        (due - paid).max(0)
    }

    /// Since when they owe it: the day of the oldest instalment that is not paid.
    pub(crate) fn since(&self, day: i64) -> Option<i64> {
        let mut paid: i64 = self
            .paid
            .iter()
            .filter(|paid| paid.day <= day)
            .map(|paid| paid.cents)
            .sum();
        let open = self.instalments.iter().find(|due| {
            paid -= due.cents;
            paid < 0
        });
        open.map(|due| due.day).filter(|due| *due <= day)
    }

    /// How many days late they are; 0 where they are not.
    pub(crate) fn late(&self, day: i64) -> i64 {
        self.since(day).map_or(0, |since| day - since)
    }

    /// What is still to fall due or to be paid, whenever it is.
    pub(crate) fn owes_ever(&self) -> i64 {
        let due: i64 = self.instalments.iter().map(|due| due.cents).sum();
        due - self.paid.iter().map(|paid| paid.cents).sum::<i64>()
    }

    /// What they pay on a day. They owe it from the day on which it falls due, and pay what they said they would.
    pub(crate) fn pays(&mut self, day: i64) -> Option<Due> {
        let late = self.late(day);
        let all = self.owes(day);
        let tomorrow: i64 = self
            .instalments
            .iter()
            .filter(|due| due.day == day + 1)
            .map(|due| due.cents)
            .sum();
        let promised: i64 = self
            .means_to
            .iter()
            .filter(|due| due.day == day)
            .map(|due| due.cents)
            .sum();
        let visited = self.visits.last().is_some_and(|visit| day == visit + 5);
        let cents = match self.nature {
            Nature::PaysInTime => tomorrow + all,
            Nature::PaysLate if late >= 14 + self.at % 9 => all,
            Nature::NewNumber | Nature::Complains if visited => all,
            Nature::KeepsPromises | Nature::BreaksPromises | Nature::KeepsPlan | Nature::BreaksPlan => promised,
            _ => 0,
        };
        let due = Due {
            day,
            cents: cents.min(self.owes_ever()),
        };
        if due.cents <= 0 {
            return None;
        }
        self.paid.push(due);
        Some(due)
    }

    /// Says when they will pay what they owe, and means it or not.
    fn promises(&mut self, day: i64, (after, count): (i64, i64), kept: i64) {
        let all = self.owes(day);
        let each = all / count;
        let all = (0..count).map(|at| Due {
            day: day + after + 7 * at,
            cents: if at + 1 == count {
                all - each * (count - 1)
            } else {
                each
            },
        });
        self.means_to = all.take(kept as usize).collect();
        self.said = Some(day);
        self.times_said += 1;
    }

    /// Whether they said when they would pay, and the time has not come.
    fn has_said(&self, day: i64) -> bool {
        self.said.is_some_and(|said| day < said + 12)
    }

    /// What they say on the phone.
    pub(crate) fn answers(&mut self, day: i64) -> Says {
        self.calls.push(day);
        match self.nature {
            Nature::NewNumber => Says::NotHere,
            Nature::NeverThere | Nature::KeepsPlan | Nature::BreaksPlan | Nature::Moved => Says::Nothing,
            Nature::WantsQuiet => Says::No,
            Nature::Disputes => Says::Wrong,
            Nature::Hardship => Says::Cannot,
            Nature::KeepsPromises if !self.has_said(day) => {
                self.promises(day, (6, 1), 1);
                Says::Promise(6)
            }
            Nature::BreaksPromises if self.times_said == 0 => {
                self.promises(day, (6, 1), 0);
                Says::Promise(6)
            }
            _ => Says::Yes,
        }
    }

    /// What they say at the door.
    pub(crate) fn opens(&mut self, day: i64) -> Says {
        self.visits.push(day);
        match self.nature {
            Nature::NeverThere => Says::Nothing,
            Nature::Moved => Says::NotHere,
            Nature::WantsQuiet => Says::No,
            Nature::Disputes => Says::Wrong,
            Nature::Hardship => Says::Cannot,
            Nature::BreaksPromises | Nature::KeepsPromises if !self.has_said(day) => {
                self.promises(day, (5, 1), 1);
                Says::Promise(5)
            }
            Nature::KeepsPlan if !self.has_said(day) => {
                self.promises(day, (4, 3), 3);
                Says::Instalments(3, 4)
            }
            Nature::BreaksPlan if !self.has_said(day) => {
                let kept = if self.times_said == 0 { 1 } else { 3 };
                self.promises(day, (4, 3), kept);
                Says::Instalments(3, 4)
            }
            _ => Says::Yes,
        }
    }
}

/// The people.
pub(crate) struct Town {
    pub(crate) people: Vec<Person>,
}

impl Town {
    /// Fifty people: of each nature three or four, every fifth with a loan of the portfolio that nobody is visited for.
    pub(crate) fn made() -> Self {
        const NATURES: [Nature; 13] = [
            Nature::PaysInTime,
            Nature::PaysLate,
            Nature::KeepsPromises,
            Nature::BreaksPromises,
            Nature::KeepsPlan,
            Nature::BreaksPlan,
            Nature::Moved,
            Nature::Disputes,
            Nature::Hardship,
            Nature::WantsQuiet,
            Nature::NeverThere,
            Nature::NewNumber,
            Nature::Complains,
        ];
        let person = |at: i64| {
            // Some are late on the first day, the others become so.
            let first = -20 + at * 7 % 45;
            let cents = 9_000 + at * 731 % 14_000;
            let due = |month: i64| Due {
                day: first + 30 * month,
                cents,
            };
            Person {
                number: format!("L-{:04}", 1_001 + at),
                at,
                nature: NATURES[at as usize % NATURES.len()],
                letters_only: at % 5 == 4,
                instalments: (0..2 + at % 3).map(due).collect(),
                paid: Vec::new(),
                means_to: Vec::new(),
                calls: Vec::new(),
                visits: Vec::new(),
                said: None,
                times_said: 0,
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
