//! Stories of the credit rules: a dated script on one side, what must come of it on the other.
//!
//! ```text
//! 2027-01-03 apply score=720            -> 10000.00      a request and its answer (none: it must be done)
//!            buy 300.00 as p            -> 300.00        same day; `p` names the purchase
//! 2027-01-10 @2 refund p 100.00         -> unknown_reference      another user
//!            is unbilled=300.00 dpd=0                    a look at the account
//!            ledger CardFloat=-50.00                     … at the books, debit positive
//! ```
//!
//! Days between two dates are opened, tidied and closed as a cell does, and after each close the sub-ledgers must equal
//! their control accounts. Users 0 and 1 are billed on the 1st, 2 and 3 on the 10th, 4 and 5 on the 15th; the calendar
//! begins on 2027-01-01, a Friday.
//!
//! | verbs | words |
//! |---|---|
//! | `apply` | `age= score= behaviour= income= debt= student nobody fraud` |
//! | `authorise AMOUNT`, `buy AMOUNT` (and captured) | `scene= merchant= term= cashout as NAME` |
//! | `capture NAME AMOUNT`, `void NAME`, `refund NAME AMOUNT` | |
//! | `card AMOUNT`, `redeem NAME AMOUNT`, `refund_card NAME` | `unnamed cashout as NAME`, `merchant=` |
//! | `tip AMOUNT`, `refund_tip AMOUNT` | |
//! | `repay AMOUNT`, `convert MONTHS`, `settle` (`loan=2 400.00`), `hardship`, `complain SUBJECT`, `leave` | `by=auto_debit` … |
//! | all of these | `seq=N` repeats or skips a sequence number |
//! | `debit_fails`, `awaits_debit` | the engine's side of auto-debit |
//! | `set` | `partner1=open quota=… merchants= coupon= campaign= cutoff= raises= coverage=` |
//! | `policy` | changes terms from here on: `rates=18.00,… cards_closed_from= tips= cards= rebate= task= task_raise= new_limit=`, |
//! | | `due_after= grace= minimum= hold_days= penalty= day_one= cap= cap_binds= partner1_share= commission= lower_round= lower_share= lower_floor= lower_from=` |
//! | `is`, `flows`, `stocks`, `ledger`, `posted` | `key=value …` |
//! | `event` | what the last close reported to the user: `-> late(100.00)` |

mod look;
mod policy;
mod script;

use crate::base::ids::{FUNDERS, HostId, Lender, MerchantId, Reference, Slot};
use crate::base::money::{BasisPoints, Fen32, Ppm};
use crate::base::time::{Day, SimTime};
use crate::credit::account_event::{AccountEvent, AccountEventKind};
use crate::credit::command::{Application, CHANNELS, Command, Complaint, Glance, Reply, Request, Scene, Source};
use crate::credit::terms::{TIERS, Terms};
use crate::credit::totals::{CreditFlows, CreditStocks, History, Tally};
use crate::credit::{Ctx, Engine};
use crate::testing::days::Days;
use crate::testing::fixture;
use script::{Line, Words, snake, yuan};
use std::collections::BTreeMap;

/// Users of a story.
pub(crate) const USERS: u32 = 6;

/// Months of a story's calendar.
const MONTHS: u16 = 36;

/// Checks a script under [`plain`] terms.
///
/// # Panics
/// When a line cannot be understood, or with all the lines that come out otherwise.
pub(crate) fn check(script: &str) {
    check_with(|_| (), script);
}

/// Checks a script under [`plain`] terms and an adjustment of them.
///
/// # Panics
/// As [`check`].
pub(crate) fn check_with(adjust: impl FnOnce(&mut Terms), script: &str) {
    let mut terms = plain();
    adjust(&mut terms);
    let mut story = Story::new(terms);
    let mut wrong = Vec::new();
    for line in script::lines(script) {
        let line = line.unwrap_or_else(|why| panic!("{why}"));
        match story.take(&line) {
            Ok(mismatch) => wrong.extend(mismatch.map(|what| (line.number, line.text, what))),
            Err(why) => panic!("line {}: {}\n    {why}", line.number, line.text),
        }
    }
    let wrong: Vec<String> = wrong.iter().map(|(n, text, what)| format!("line {n}: {text}\n    {what}")).collect();
    assert!(wrong.is_empty(), "the story goes otherwise\n{}", wrong.join("\n"));
}

/// The fixture's terms without luck and with round numbers: nobody is reviewed, no false alarm, every cash-out is
/// stopped or confirmed, every contact reaches; everybody gets 10,000 yuan at 21.90 % a year, which is 0.06 % a day, and
/// no monthly review.
pub(crate) fn plain() -> Terms {
    let mut terms = fixture::terms();
    terms.origination.review_share = Ppm(0);
    terms.origination.tier_new_limit_fen = [1_000_000; TIERS];
    terms.limits.first_review_days = u16::MAX;
    terms.authorisation.pattern_stop = Ppm::ONE;
    terms.authorisation.false_alarm = Ppm(0);
    terms.authorisation.monitoring_detection = Ppm::ONE;
    terms.pricing.tier_annual = [BasisPoints(2_190); TIERS];
    terms.collections.reach = [Ppm::ONE; CHANNELS];
    terms
}

/// The engine with all that surrounds it.
#[derive(Clone)]
pub(crate) struct Story {
    days: Days,
    quota: [i64; FUNDERS],
    /// The engine.
    pub engine: Engine,
    /// Counters since the beginning.
    pub tally: Tally,
    /// Stocks of the last month-end.
    pub stocks: CreditStocks,
    account_events: Vec<AccountEvent>,
    sequences: [u32; USERS as usize],
    names: BTreeMap<String, u32>,
    second: u32,
}

impl Story {
    /// The first morning.
    pub(crate) fn new(terms: Terms) -> Story {
        let mut story = Story {
            days: Days::new(terms, MONTHS, None),
            quota: [1_000_000_000_000; FUNDERS],
            engine: Engine::new(Lender::FIRST, 0, USERS, 3),
            tally: Tally { flows: CreditFlows::default(), history: History::new(MONTHS) },
            stocks: CreditStocks::default(),
            account_events: Vec::new(),
            sequences: [0; USERS as usize],
            names: BTreeMap::new(),
            second: 0,
        };
        story.open();
        story
    }

    /// The open day.
    pub(crate) fn day(&self) -> Day {
        self.days.calendar_day().day
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Engine, &mut Ctx<'_>) -> T) -> T {
        act(&mut self.engine, &mut Ctx { today: &self.days.today(), tally: &mut self.tally })
    }

    fn open(&mut self) {
        let quota = self.quota;
        self.with(|engine, ctx| engine.open_day(ctx, quota));
        self.second = 8 * 3_600;
    }

    /// Closes the open day and opens the next one.
    ///
    /// # Panics
    /// When the books do not agree, or the calendar is over.
    pub(crate) fn next_day(&mut self) {
        let mut stocks = CreditStocks::default();
        self.with(|engine, ctx| {
            engine.close_day(ctx, &mut stocks);
            engine.check_books();
            let day = ctx.today.day();
            for slot in (0..USERS).map(Slot) {
                assert_eq!(engine.glance(slot, day), Glance::of(&engine.view(slot, day)), "{slot:?} on {day}");
            }
        });
        if self.days.calendar_day().is_month_end {
            self.stocks = stocks;
        }
        self.engine.take_account_events(&mut self.account_events);
        self.days.next();
        assert!(self.days.left() > 0, "the story's calendar is over");
        self.open();
    }

    /// Asks the engine for one thing, under the user's next sequence number.
    pub(crate) fn ask(&mut self, user: u32, command: Command) -> Reply {
        let sequence = self.sequences[user as usize] + 1;
        self.ask_as(user, sequence, command)
    }

    fn ask_as(&mut self, user: u32, sequence: u32, command: Command) -> Reply {
        self.sequences[user as usize] = self.sequences[user as usize].max(sequence);
        self.second += 1;
        let at = SimTime::at(self.day(), self.second);
        let request = Request { lender: Lender::FIRST, slot: Slot(user), sequence, command };
        self.with(|engine, ctx| engine.apply(ctx, at, request))
    }

    /// Plays a line. `Ok(Some(…))` says how it came out otherwise, `Err` why it cannot be understood.
    fn take(&mut self, line: &Line<'_>) -> Result<Option<String>, String> {
        if let Some(date) = line.date {
            if date < self.day() {
                return Err(format!("the story has come to {} already", self.day()));
            }
            while self.day() < date {
                self.next_day();
            }
        }
        if line.user >= USERS {
            return Err(format!("a story has {USERS} users"));
        }
        let mut words = line.words.clone();
        match line.verb {
            "is" | "flows" | "stocks" | "ledger" | "posted" => self.look(line, &mut words),
            "event" => Ok(differs(line.expected.unwrap_or("nothing"), &self.event(line.user))),
            "set" => self.set(&mut words).map(|()| None),
            "policy" => {
                let mut terms = self.days.terms().clone();
                for (key, value) in words.pairs()? {
                    policy::change(&mut terms, key, value)?;
                }
                self.days.set_terms(terms);
                Ok(None)
            }
            "debit_fails" => {
                self.with(|engine, ctx| engine.debit_failed(ctx.tally));
                words.end().map(|()| None)
            }
            "awaits_debit" => {
                let awaits = self.with(|engine, ctx| {
                    engine.due_today(ctx.today).any(|slot| slot == line.user) && engine.awaits_debit(Slot(line.user))
                });
                Ok(differs(line.expected.unwrap_or("yes"), if awaits { "yes" } else { "no" }))
            }
            _ => self.request(line, &mut words),
        }
    }

    fn look(&self, line: &Line<'_>, words: &mut Words<'_>) -> Result<Option<String>, String> {
        let mut wrong = Vec::new();
        for (key, expected) in words.pairs()? {
            let is = match line.verb {
                "is" => look::account(&self.engine, Slot(line.user), self.day(), key),
                "flows" => look::counter(CreditFlows::FIELDS, self.tally.flows.counters(), key),
                "stocks" => look::counter(CreditStocks::FIELDS, self.stocks.counters(), key),
                "ledger" => look::ledger(&self.engine, key),
                _ => look::posted(&self.tally.flows, key),
            }?;
            if is != expected {
                wrong.push(format!("{key} is {is}"));
            }
        }
        Ok((!wrong.is_empty()).then(|| wrong.join(", ")))
    }

    fn event(&self, user: u32) -> String {
        let mine = self.account_events.iter().filter(|event| event.slot == Slot(user));
        let words: Vec<String> = mine
            .map(|event| match event.kind {
                AccountEventKind::Late(fen) => format!("late({})", yuan(fen)),
                AccountEventKind::Reached31(fen) => format!("reached_31({})", yuan(fen)),
                AccountEventKind::WrittenOff(fen) => format!("written_off({})", yuan(fen)),
                AccountEventKind::Refused(why) => format!("refused {}", why.name()),
                other => snake(&format!("{other:?}")),
            })
            .collect();
        if words.is_empty() { "nothing".to_string() } else { words.join(", ") }
    }

    fn set(&mut self, words: &mut Words<'_>) -> Result<(), String> {
        let percent = |word: &str| word.parse::<i32>().map_err(|_| format!("`{word}` is no whole percent"));
        for (key, value) in words.pairs()? {
            let controls = &mut self.days.controls;
            match key {
                "partner1" | "partner2" | "partner3" => {
                    controls.partner_open[usize::from(key.as_bytes()[7] - b'1')] = value == "open"
                }
                "merchants" => controls.cooperating_merchants = percent(value)? as u16,
                "coupon" => controls.coupon_percent = percent(value)? as u8,
                "campaign" => controls.campaign_raise_share_ppm = percent(value)? * 10_000,
                "cutoff" => controls.cutoff_factor_ppm = percent(value)? * 10_000,
                "raises" => controls.raise_factor_ppm = percent(value)? * 10_000,
                "coverage" => controls.coverage_ppm = [percent(value)? * 10_000; 7],
                "quota" => {
                    self.quota = [0; FUNDERS];
                    for (room, amount) in self.quota.iter_mut().zip(value.split(',')) {
                        *room = script::fen(amount)?;
                    }
                    self.engine.set_quota(self.quota);
                }
                _ => return Err(format!("nothing is called `{key}`")),
            }
        }
        Ok(())
    }

    fn request(&mut self, line: &Line<'_>, words: &mut Words<'_>) -> Result<Option<String>, String> {
        let sequence = words.number("seq", self.sequences[line.user as usize] + 1)?;
        let name = words.name();
        let command = self.command(line.verb, words)?;
        words.end()?;
        let reply = self.ask_as(line.user, sequence, command);
        if let (Some(name), Reply::Done(reference)) = (name, reply) {
            self.names.insert(name.to_string(), reference);
        }
        let mut answer = answer(command, reply);
        if let ("buy", Reply::Done(purchase), Command::Authorise { amount_fen, .. }) = (line.verb, reply, command) {
            let capture = Command::Capture { purchase: Reference(purchase), amount_fen };
            answer = self::answer(capture, self.ask(line.user, capture));
        }
        let expected = line.expected.unwrap_or("done");
        let done = expected == "done" && (answer == "done" || script::fen(&answer).is_ok());
        Ok(if done { None } else { differs(expected, &answer) })
    }

    fn reference(&self, words: &mut Words<'_>) -> Result<Reference, String> {
        let name = words.next("a name")?;
        self.names.get(name).copied().map(Reference).ok_or_else(|| format!("nothing was done `as {name}`"))
    }

    fn command(&self, verb: &str, words: &mut Words<'_>) -> Result<Command, String> {
        Ok(match verb {
            "apply" => Command::Apply(application(words)?),
            "authorise" | "buy" => Command::Authorise {
                merchant: MerchantId(words.number("merchant", 0)?),
                scene: words.value("scene").map_or(Ok(Scene::LiveShopping), script::scene)?,
                instalments: words.number("term", 0)?,
                suspicious: words.has("cashout"),
                amount_fen: words.amount()?,
            },
            "capture" => Command::Capture { purchase: self.reference(words)?, amount_fen: words.amount()? },
            "void" => Command::Void { purchase: self.reference(words)? },
            "refund" => Command::Refund { purchase: self.reference(words)?, amount_fen: words.amount()? },
            "tip" => Command::Tip { host: HostId(0), amount_fen: words.amount()? },
            "refund_tip" => Command::RefundTip { host: HostId(0), amount_fen: words.amount()? },
            "card" => Command::BuyCard {
                named: !words.has("unnamed"),
                suspicious: words.has("cashout"),
                amount_fen: words.amount()?,
            },
            "redeem" => Command::RedeemCard {
                merchant: MerchantId(words.number("merchant", 0)?),
                card: self.reference(words)?,
                amount_fen: words.amount()?,
            },
            "refund_card" => Command::RefundCard { card: self.reference(words)? },
            "repay" => Command::Repay {
                source: match words.value("by").unwrap_or("voluntary") {
                    "voluntary" => Source::Voluntary,
                    "auto_debit" => Source::AutoDebit,
                    "collected" => Source::Collected,
                    other => return Err(format!("nobody pays by `{other}`")),
                },
                amount_fen: words.amount()?,
            },
            "convert" => Command::ConvertBill {
                instalments: words.next("a term")?.parse().map_err(|_| "a term is a number of months")?,
            },
            "settle" => {
                let loan = words.number("loan", 0)?;
                let amount_fen = if words.end().is_ok() { Fen32(0) } else { words.amount()? };
                Command::SettleEarly { loan, amount_fen }
            }
            "hardship" => Command::RequestHardship,
            "complain" => Command::Complain {
                about: match words.next("a subject")? {
                    "decline" => Complaint::Decline,
                    "collection" => Complaint::Collection,
                    "charge" => Complaint::Charge,
                    "service" => Complaint::Service,
                    other => return Err(format!("nobody complains of `{other}`")),
                },
            },
            "leave" => Command::Close,
            _ => return Err(format!("`{verb}` is no verb of a story")),
        })
    }
}

/// The applicant of a line without words: 30 years old, score 720, 10,000 yuan a month, no debt.
///
/// # Panics
/// Never: there is no word to misunderstand.
pub(crate) fn applicant() -> Application {
    application(&mut Words::default()).unwrap_or_else(|why| unreachable!("{why}"))
}

fn application(words: &mut Words<'_>) -> Result<Application, String> {
    Ok(Application {
        age: words.number("age", 30)?,
        student: words.has("student"),
        identity_matches: !words.has("nobody"),
        fraud_signal: words.has("fraud"),
        bureau_score: words.number("score", 720)?,
        behaviour: words.number("behaviour", 128)?,
        monthly_income_yuan: words.number("income", 10_000)?,
        other_debt_yuan: words.number("debt", 0)?,
    })
}

/// The answer as a story writes it: an amount where the reply means one, `done` where it is a reference.
fn answer(command: Command, reply: Reply) -> String {
    match (command, reply) {
        (
            Command::Authorise { .. } | Command::BuyCard { .. } | Command::Complain { .. } | Command::Close,
            Reply::Done(_),
        ) => "done".to_string(),
        (_, Reply::Done(fen)) => yuan(fen),
        (_, Reply::InReview) => "in_review".to_string(),
        (_, Reply::Refused(why)) => format!("refused {}", why.name()),
        (_, Reply::Declined(why)) => why.name().to_string(),
    }
}

fn differs(expected: &str, is: &str) -> Option<String> {
    (expected != is).then(|| format!("the answer is {is}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "line 3: buy 10.00 -> over_limit\n    the answer is 10.00")]
    fn a_line_that_comes_out_otherwise_is_shown() {
        check("\n2027-01-03 apply -> 10000.00\nbuy 10.00 -> over_limit # why\nis unbilled=10.00");
    }

    #[test]
    #[should_panic(expected = "line 2: is unbilled=9.00 dpd=0 held=1.00\n    unbilled is 0.00, held is 0.00")]
    fn all_wrong_values_of_a_look_are_shown() {
        check("2027-01-03 apply\nis unbilled=9.00 dpd=0 held=1.00");
    }

    #[test]
    fn mistakes_in_a_script_are_named() {
        for (script, why) in [
            ("2027-01-03 aply", "`aply` is no verb of a story"),
            ("2027-13-03 apply", "`2027-13-03` is no date"),
            ("2027-01-03 apply agee=3", "cannot understand `agee=3`"),
            ("2027-01-03 apply\n2027-01-02 is dpd=0", "the story has come to 2027-01-03 already"),
            ("is colour=red", "an account has no `colour`"),
            ("flows colour=1", "there is no counter `colour`"),
            ("ledger Gold=1", "the chart has no `Gold`"),
            ("capture p 1.00", "nothing was done `as p`"),
            ("repay 1.5", "`1.5` is no amount in yuan"),
            ("@9 repay 1", "a story has 6 users"),
            ("2027-01-01", "a line needs a verb"),
        ] {
            let panic = std::panic::catch_unwind(|| check(script)).expect_err(script);
            let message = panic.downcast_ref::<String>().expect("a message");
            assert!(message.contains(why) && message.contains("line "), "{script}: {message}");
        }
    }
}
