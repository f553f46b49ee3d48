//! Cross-field rules: what no schema can say. They work on the document, so that each speaks whenever the values that
//! it needs can be read, and all errors of a file come in one go.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::base::time::{Calendar, Day};
use crate::scenario::document::tree::Node;
use crate::scenario::document::units::{Clock, Date};
use crate::scenario::problem::{Problem, Span, did_you_mean};

/// The last day after a statement on which the shortest cycle still has no new one.
const LAST_DAY: f64 = 27.0;

/// Checks one document.
pub(in crate::scenario) struct Rules<'a> {
    root: &'a Node,
    problems: &'a mut Vec<Problem>,
}

/// The counted days of the run.
pub(in crate::scenario) fn counted(root: &Node) -> Option<Range<Day>> {
    let start = Date::day(root.at("start")?.text()?)?;
    let months = root.at("months")?.number().filter(|m| (1.0..=240.0).contains(m))? as u16;
    let last = Calendar::new(start, months).days().last()?.day;
    Some(start..last.plus(1))
}

/// The date at a path of a node.
pub(in crate::scenario) fn date(node: &Node, key: &str) -> Option<Day> {
    Date::day(node.child(key)?.text()?)
}

impl<'a> Rules<'a> {
    /// Rules for `root`.
    pub(in crate::scenario) fn new(root: &'a Node, problems: &'a mut Vec<Problem>) -> Rules<'a> {
        Rules { root, problems }
    }

    /// Everything.
    pub(in crate::scenario) fn all(&mut self) {
        self.dates();
        self.people();
        self.terms();
        self.economy();
        self.targets();
        self.worlds();
    }

    /// What a policy can also break: product, behaviour, partners.
    pub(in crate::scenario) fn terms(&mut self) {
        self.limits();
        self.pricing();
        self.billing();
        self.collections();
        self.funding();
        self.behaviour();
    }

    fn complain(&mut self, span: Span, message: impl Into<String>, hint: &str) {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        self.problems.push(Problem::new(span, message.into(), hint));
    }

    fn at(&self, path: &str) -> Span {
        self.root.at(path).map_or(self.root.span, |node| node.span)
    }

    fn number(&self, path: &str) -> Option<f64> {
        self.root.at(path)?.number()
    }

    fn numbers(&self, path: &str) -> Option<Vec<f64>> {
        self.root.at(path)?.numbers()
    }

    /// `low ≤ high`; the error stands at `low`.
    fn ordered(&mut self, low: &str, high: &str) {
        if let (Some(a), Some(b)) = (self.number(low), self.number(high))
            && a > b
        {
            self.complain(self.at(low), format!("`{low}` ({a}) is above `{high}` ({b})"), "");
        }
    }

    /// A list or pair that must not fall.
    fn rising(&mut self, path: &str) {
        if let Some(values) = self.numbers(path)
            && values.windows(2).any(|pair| pair[0] > pair[1])
        {
            self.complain(self.at(path), format!("`{path}` must not fall: {values:?}"), "put the smaller first");
        }
    }

    /// Shares that must sum to one.
    fn sums_to_one(&mut self, path: &str) {
        if let Some(values) = self.numbers(path) {
            let sum: f64 = values.iter().sum();
            if (sum - 1.0).abs() > 1e-6 {
                self.complain(self.at(path), format!("`{path}` sums to {sum:.4}, not to 1"), "shares of one whole");
            }
        }
    }

    fn dates(&mut self) {
        let Some(node) = self.root.at("start") else { return };
        let span = node.span;
        let Some(text) = node.text() else { return };
        match Date::day(text) {
            None => {
                // Said better than by the pattern of the schema.
                self.problems.retain(|problem| problem.span != span);
                self.complain(span, format!("`{text}` is no date"), "years 2000 to 2170, a day of the calendar");
            }
            Some(day) if day.ymd().2 != 1 => {
                self.complain(span, "`start` is not the first of a month", "months are counted whole");
            }
            Some(day) => {
                let warmup = self.number("warmup_months").unwrap_or(0.0);
                let months = self.number("months").unwrap_or(0.0);
                let year = f64::from(day.ymd().0);
                if year - warmup / 12.0 < 2000.1 || year + months / 12.0 > 2160.0 {
                    self.complain(span, "the run leaves the years 2000 to 2160", "");
                }
            }
        }
    }

    fn people(&mut self) {
        if let Some(personas) = self.root.at("personas") {
            let shares: Option<Vec<f64>> = personas.entries().map(|(_, _, p)| p.child("share")?.number()).collect();
            let sum: f64 = shares.unwrap_or_else(|| vec![1.0]).iter().sum();
            if (sum - 1.0).abs() > 1e-6 {
                let span = personas
                    .entries()
                    .last()
                    .map_or(personas.span, |(_, _, p)| p.at("share").map_or(p.span, |n| n.span));
                self.complain(
                    span,
                    format!("the shares of the personas sum to {sum:.4}, not to 1"),
                    "the last one is marked",
                );
            }
            let names: Vec<String> = personas.entries().map(|(name, _, _)| name.to_owned()).collect();
            for name in names {
                self.rising(&format!("personas.{name}.ages"));
            }
        }
        self.ordered("hosts.feedback", "hosts.persistence");
        for scene in 0..4 {
            self.rising(&format!("merchants.ship_days.{scene}"));
            let most = format!("merchants.ship_days.{scene}.1");
            self.ordered(&most, "product.authorisation.hold_days");
        }
        let seasons: Vec<(String, Span, bool)> = self.root.at("seasons").map_or_else(Vec::new, |seasons| {
            let text = |s: &Node, key| s.child(key).and_then(Node::text).filter(|t| t.len() == 5).map(str::to_owned);
            let backwards = |s: &Node| text(s, "from").zip(text(s, "to")).is_some_and(|(from, to)| from > to);
            seasons.entries().map(|(name, span, s)| (name.to_owned(), span, backwards(s))).collect()
        });
        for (name, span, backwards) in seasons {
            if backwards {
                self.complain(span, format!("season `{name}` ends before it begins"), "split it at the new year");
            }
        }
    }

    fn limits(&mut self) {
        self.ordered("product.origination.age_min", "product.origination.age_max");
        self.rising("product.origination.tier_pd");
        self.rising("product.limits.targeting.cuts");
        for tier in 0..5 {
            let ceiling = format!("product.limits.tier_ceiling_yuan.{tier}");
            self.ordered(&format!("product.origination.tier_new_limit_yuan.{tier}"), &ceiling);
            self.ordered(&ceiling, "product.limits.ceiling_yuan");
        }
        let rounds = self.number("product.limits.lower_round").unwrap_or(0.0);
        if rounds > 0.0 && self.number("product.limits.lower_share") == Some(0.0) {
            let span = self.at("product.limits.lower_round");
            self.complain(
                span,
                "a round of lowering that takes nothing away",
                "set `product.limits.lower_share` with it",
            );
        }
        self.ordered("product.cards.unnamed_max_yuan", "product.cards.face_max_yuan");
        if self.number("product.cards.face_max_yuan").is_some_and(|face| face > 5000.0) {
            let span = self.at("product.cards.face_max_yuan");
            self.complain(span, "a shopping card above 5000 yuan", "the largest face value by rule is 5000 yuan");
        }
    }

    fn pricing(&mut self) {
        self.rising("product.pricing.annual_range");
        let cap = self.number("product.pricing.cap_annual");
        let range = self.numbers("product.pricing.annual_range").unwrap_or_default();
        for (tier, rate) in self.numbers("product.pricing.tier_annual").unwrap_or_default().into_iter().enumerate() {
            let span = self.at(&format!("product.pricing.tier_annual.{tier}"));
            if let Some(cap) = cap.filter(|cap| rate > *cap) {
                self.complain(
                    span,
                    format!("tier {tier}: a rate of {rate} is above the cap of {cap}"),
                    "lower the rate, or raise `product.pricing.cap_annual`",
                );
            } else if let [low, high] = range[..]
                && !(low..=high).contains(&rate)
            {
                self.complain(span, format!("tier {tier}: {rate} is outside the product's range {low} to {high}"), "");
            }
        }
        let published = self.root.at("product.pricing.late_interest").and_then(Node::text) == Some("published");
        if let (Some(daily), Some(cap)) = (self.number("product.pricing.penalty_daily"), cap)
            && published
            && daily * 365.0 > cap
        {
            let yearly = daily * 36_500.0;
            let message = format!("late interest of {daily} a day is {yearly:.1} % a year, above the cap of {cap}");
            self.complain(self.at("product.pricing.penalty_daily"), message, "the cap counts all charges together");
        }
        let offered = self.root.at("product.pricing.terms_offered");
        if offered.is_some_and(|terms| terms.items().iter().all(|term| term.truth() == Some(false))) {
            self.complain(self.at("product.pricing.terms_offered"), "no instalment term is offered", "");
        }
    }

    fn billing(&mut self) {
        let path = "product.billing.bill_days";
        if let Some(days) = self.numbers(path)
            && days.windows(2).any(|pair| pair[0] > pair[1])
        {
            self.complain(self.at(path), format!("`{path}` must rise: {days:?}"), "in order");
        }
        self.due_days();
        let path = "product.billing.allocation";
        let words = |node: &Node| node.items().iter().filter_map(|n| n.text().map(str::to_owned)).collect::<Vec<_>>();
        if let Some(order) = self.root.at(path).map(words)
            && order.iter().collect::<BTreeSet<_>>().len() < order.len()
        {
            self.complain(
                self.at(path),
                "the order of allocation names a kind twice",
                "penalty, interest, fees, principal, each once",
            );
        }
        let path = "product.billing.debit_rounds";
        if let Some(rounds) = self.root.at(path).map(words)
            && rounds.windows(2).any(|pair| Clock::seconds(&pair[0]) >= Clock::seconds(&pair[1]))
        {
            self.complain(self.at(path), "the debit rounds are not in the order of the day", "");
        }
    }

    /// Groups fall due, and see their grace end, on days of their own: the close takes one group at a time.
    fn due_days(&mut self) {
        let Some(bill_days) = self.numbers("product.billing.bill_days") else { return };
        if bill_days.iter().any(|day| *day > 28.0) {
            // Has been complained of.
            return;
        }
        let Some(after) = self.number("product.billing.due_after_days") else { return };
        let path = "product.billing.due_extra_days";
        let extra = self.numbers(path).unwrap_or_default();
        if extra.len() > bill_days.len() {
            let message = format!("{} extra days for {} statement days", extra.len(), bill_days.len());
            return self.complain(self.at(path), message, "one number a statement day, in the same order");
        }
        let due = |group: usize| bill_days[group] + after + extra.get(group).copied().unwrap_or(0.0);
        let longest = (0..bill_days.len()).map(|group| due(group) - bill_days[group]).fold(after, f64::max);
        if longest > LAST_DAY {
            let hint = "at most 27 days from statement to due date";
            return self.complain(self.at(path), "a statement falls due after the next one", hint);
        }
        let path = "product.billing.grace_days";
        if let Some(grace) = self.number(path).filter(|grace| longest + grace > LAST_DAY) {
            let message = format!("grace of {grace} days after a due date of {longest} reaches the next statement");
            let hint =
                format!("statements are 28 days apart at least: at most {} days of grace here", LAST_DAY - longest);
            return self.complain(self.at(path), message, &hint);
        }
        // Whatever the length of the month between them.
        let meet = |a: usize, b: usize| (28..=31).any(|length| (due(a) - due(b)) % f64::from(length) == 0.0);
        if (0..bill_days.len()).any(|a| (0..a).any(|b| meet(a, b))) {
            let message = format!("two groups fall due on the same day: statements on {bill_days:?}");
            self.complain(
                self.at("product.billing.bill_days"),
                message,
                "give each a day of its own by `due_extra_days`",
            );
        }
    }

    fn collections(&mut self) {
        let path = "product.collections.hardship_dpd";
        self.rising(path);
        self.ordered(&format!("{path}.1"), "product.collections.writeoff_dpd");
        self.ordered("product.limits.freeze_dpd", "product.collections.writeoff_dpd");
        self.sums_to_one("product.provisioning.macro_weights");
        self.rising("product.provisioning.pd_by_bucket");
    }

    fn funding(&mut self) {
        let path = "product.funding.platform_share_min";
        let least = self.number(path).unwrap_or(0.3);
        if least < 0.3 {
            let hint = "the platform funds at least 30 % of each joint loan: 0.3 or more";
            self.complain(self.at(path), format!("the platform's least share is {least}"), hint);
        }
        let partners = self.root.at("partners");
        let known: Vec<String> =
            partners.map_or_else(Vec::new, |p| p.entries().map(|(name, _, _)| name.to_owned()).collect());
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let used: Vec<(Span, String)> = self.root.at("product.funding.partners").map_or_else(Vec::new, |list| {
            list.items().iter().filter_map(|n| Some((n.span, n.text()?.to_owned()))).collect()
        });
        let mut seen = BTreeSet::new();
        for (span, name) in &used {
            if partners.is_some() && !known.contains(name) {
                let hint = did_you_mean(name, &names).unwrap_or_default();
                self.complain(*span, format!("no funding partner `{name}`"), &hint);
            }
            if !seen.insert(name) {
                self.complain(*span, format!("funding partner `{name}` is named twice"), "");
            }
        }
        for name in &known {
            let path = format!("partners.{name}.terms.share");
            if let Some(share) = self.number(&path)
                && share > 1.0 - least + 1e-9
            {
                let message = format!("partner `{name}` takes {share} of a loan, the platform keeps at least {least}");
                self.complain(self.at(&path), message, "lower the partner's share");
            }
        }
    }

    fn behaviour(&mut self) {
        self.sums_to_one("behaviour.buy.scene");
        let both = self.number("behaviour.repay.bill_instalment").zip(self.number("behaviour.repay.minimum"));
        if let Some((instalment, minimum)) = both
            && instalment + minimum > 1.0
        {
            let span = self.at("behaviour.repay.minimum");
            self.complain(
                span,
                "`bill_instalment` and `minimum` together are above 1",
                "both are shares of statements",
            );
        }
        for path in ["behaviour.watch.hour_weights", "behaviour.buy.term_weights"] {
            if self.numbers(path).is_some_and(|weights| weights.iter().sum::<f64>() <= 0.0) {
                self.complain(self.at(path), format!("all of `{path}` are zero"), "at least one weight above zero");
            }
        }
    }

    fn economy(&mut self) {
        let names: Vec<String> = self
            .root
            .at("economy")
            .map_or_else(Vec::new, |e| e.entries().map(|(name, _, _)| name.to_owned()).collect());
        for name in names {
            self.ordered(&format!("economy.{name}.base"), &format!("economy.{name}.peak"));
            self.ordered(&format!("economy.{name}.lpr_cut"), &format!("economy.{name}.lpr"));
        }
    }

    fn targets(&mut self) {
        let names: Vec<String> = self
            .root
            .at("targets")
            .map_or_else(Vec::new, |t| t.entries().map(|(name, _, _)| name.to_owned()).collect());
        for name in names {
            let (low, high) = (format!("targets.{name}.low"), format!("targets.{name}.high"));
            let target = format!("targets.{name}.target");
            self.ordered(&low, &target);
            self.ordered(&target, &high);
        }
    }

    fn worlds(&mut self) {
        let worlds: &'a [Node] = self.root.at("worlds").map_or(&[], Node::items);
        let mut names = BTreeSet::new();
        for world in worlds {
            if let Some(node) = world.child("name")
                && let Some(name) = node.text()
                && !names.insert(name)
            {
                self.complain(node.span, format!("two worlds are named `{name}`"), "results are filed by name");
            }
            if let Some(node) = world.child("economy")
                && let Some(name) = node.text()
                && let Some(paths) = self.root.at("economy").filter(|paths| paths.child(name).is_none())
                && !self.problems.iter().any(|problem| problem.span == node.span)
            {
                let known: Vec<&str> = paths.entries().map(|(key, _, _)| key).collect();
                let hint = did_you_mean(name, &known).unwrap_or_default();
                self.complain(node.span, format!("no economy path `{name}`"), &hint);
            }
            for policy in world.child("policies").map_or(&[][..], Node::items) {
                self.dated(policy, "from", false);
                if policy.child("set").is_none_or(|set| set.entries().next().is_none()) {
                    self.complain(policy.span, "a policy that changes nothing", "give it a `name` or a `set`");
                }
            }
            for event in world.child("events").map_or(&[][..], Node::items) {
                self.event(event);
            }
        }
    }

    /// A date inside the counted months (`until` may be the day after them).
    fn dated(&mut self, node: &Node, key: &str, end: bool) {
        let Some(child) = node.child(key) else { return };
        let Some(text) = child.text() else { return };
        let Some(day) = Date::day(text) else {
            return self.complain(child.span, format!("`{text}` is no date"), "write it as 2027-01-31");
        };
        let Some(Range { start: first, end: after }) = counted(self.root) else { return };
        if day < first {
            self.complain(child.span, format!("{day} is before the start of the counted months, {first}"), "");
        } else if day > after || (day == after && !end) {
            self.complain(child.span, format!("{day} is after the end of the run, {after}"), "run longer, or move it");
        }
    }

    fn event(&mut self, event: &Node) {
        self.dated(event, "from", false);
        self.dated(event, "until", true);
        if let (Some(from), Some(until)) = (date(event, "from"), date(event, "until"))
            && from >= until
        {
            let span = event.child("until").map_or(event.span, |n| n.span);
            self.complain(span, "the event is over before it begins", "`until` is the first day after it");
        }
        let Some(kind) = event.child("kind").and_then(Node::text) else { return };
        let (needs, may): (&[&str], &[&str]) = match kind {
            "festival" => (&[], &["demand", "watch"]),
            "campaign" => (&[], &["raise_share", "coupon"]),
            "income_shock" => (&["income"], &[]),
            "partner_withdrawal" => (&["partner"], &[]),
            _ => return,
        };
        for key in needs.iter().filter(|key| event.child(key).is_none()) {
            self.complain(event.span, format!("an event of kind {kind} needs `{key}`"), "");
        }
        if !may.is_empty() && may.iter().all(|key| event.child(key).is_none()) {
            let message = format!("an event of kind {kind} needs `{}` or `{}`", may[0], may[1]);
            self.complain(event.span, message, "");
        }
        for (key, span, _) in event.entries() {
            let common = ["kind", "from", "until"];
            if ["demand", "watch", "raise_share", "coupon", "income", "partner"].contains(&key)
                && !needs.contains(&key)
                && !may.contains(&key)
            {
                let hint = format!("it takes {}", [&common[..], needs, may].concat().join(", "));
                self.complain(span, format!("an event of kind {kind} has no `{key}`"), &hint);
            }
        }
        self.withdrawal(event);
    }

    fn withdrawal(&mut self, event: &Node) {
        let Some(node) = event.child("partner") else { return };
        let Some(name) = node.text() else { return };
        let Some(list) = self.root.at("product.funding.partners") else { return };
        let known: Vec<&str> = list.items().iter().filter_map(Node::text).collect();
        if !known.contains(&name) {
            let hint = did_you_mean(name, &known).unwrap_or_default();
            self.complain(node.span, format!("the product has no funding partner `{name}`"), &hint);
        }
    }
}
