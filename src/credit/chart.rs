//! The chart of accounts and the kinds of posting. Every movement of money is one of [`Posting`]; each kind has
//! one fixed debit and one fixed credit account, so the books balance by construction and a day's journal is one
//! sum for each kind.
//!
//! The books are those of the *managed* portfolio: loans funded by partners stand beside the platform's own, with
//! the partner's money as a liability, so that managed principal is the sum of the loan accounts.

use crate::base::ids::{FUNDERS, MAX_PARTNERS};

/// What sort of account it is; decides the side on which it normally stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Debit balance.
    Asset,
    /// Credit balance.
    Liability,
    /// Credit balance.
    Equity,
    /// Credit balance.
    Income,
    /// Debit balance.
    Expense,
}

macro_rules! accounts {
    ($($name:ident = $class:ident, $path:literal, $says:literal;)*) => {
        /// An account of the general ledger.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Account { $(#[doc = $says] $name),* }

        impl Account {
            /// All accounts in the order of the chart.
            pub const ALL: &'static [Account] = &[$(Account::$name),*];

            /// Class of the account.
            pub const fn class(self) -> Class {
                match self { $(Account::$name => Class::$class),* }
            }

            /// Its name in exports, colon-separated from the class downwards.
            pub const fn path(self) -> &'static str {
                match self { $(Account::$name => $path),* }
            }

            /// What stands in it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Account::$name => $says),* }
            }
        }
    };
}

accounts! {
    Cash = Asset, "Assets:Cash", "the platform's bank account; may run negative, which is borrowing at the treasury rate";
    LoansPlatform = Asset, "Assets:Loans:Platform", "principal lent by the platform's own lender";
    LoansPartner1 = Asset, "Assets:Loans:Partner1", "managed principal funded by partner 1";
    LoansPartner2 = Asset, "Assets:Loans:Partner2", "managed principal funded by partner 2";
    LoansPartner3 = Asset, "Assets:Loans:Partner3", "managed principal funded by partner 3";
    InterestReceivable = Asset, "Assets:Receivable:Interest", "contract interest posted and not yet paid";
    FeeReceivable = Asset, "Assets:Receivable:Fees", "instalment and early-settlement fees posted and not yet paid";
    PenaltyReceivable = Asset, "Assets:Receivable:Penalty", "late interest posted and not yet paid";
    LossAllowance = Asset, "Assets:LossAllowance", "expected credit losses (IFRS 9), a credit balance held against loans";
    MerchantPayable = Liability, "Liabilities:Merchants", "captured sales not yet settled";
    HostPayable = Liability, "Liabilities:Hosts", "the hosts' share of tips";
    CardFloat = Liability, "Liabilities:CardFloat", "unspent shopping-card balance: the funds that settle in the product";
    PartnerFunding1 = Liability, "Liabilities:Partner1", "money of partner 1 in managed loans";
    PartnerFunding2 = Liability, "Liabilities:Partner2", "money of partner 2 in managed loans";
    PartnerFunding3 = Liability, "Liabilities:Partner3", "money of partner 3 in managed loans";
    Capital = Equity, "Equity:Capital", "paid-in capital";
    InterestIncome = Income, "Income:Interest", "contract interest and instalment interest";
    FeeIncome = Income, "Income:Fees", "flat instalment fees and early-settlement fees";
    PenaltyIncome = Income, "Income:Penalty", "late interest";
    CommissionIncome = Income, "Income:Commission", "merchant commission";
    TipIncome = Income, "Income:Tips", "the platform's share of tips";
    RecoveryIncome = Income, "Income:Recoveries", "payments on written-off claims";
    ClaimSaleIncome = Income, "Income:ClaimSales", "price of written-off claims that were sold";
    PartnerCost = Expense, "Expenses:Funding:Partners", "the price of partners' money";
    TreasuryCost = Expense, "Expenses:Funding:Treasury", "the price of the platform's own money";
    ImpairmentExpense = Expense, "Expenses:Impairment", "change of the loss allowance";
    FirstLossExpense = Expense, "Expenses:FirstLoss", "partners' losses that the platform covers";
    ReceivableWriteOff = Expense, "Expenses:ReceivableWriteOff", "posted interest, fees and penalty that will not be paid";
    OriginationCost = Expense, "Expenses:Origination", "bureau, identity and review cost of applications";
    CollectionCost = Expense, "Expenses:Collection", "messages, calls, visits and suits";
    ServiceCost = Expense, "Expenses:Service", "servicing open accounts and handling complaints";
    SubsidyCost = Expense, "Expenses:Subsidy", "coupons and rebates";
}

/// Number of accounts.
pub(crate) const ACCOUNTS: usize = Account::ALL.len();

/// The loan account of a funder (0 is the platform).
pub(crate) const fn loans_of(funder: usize) -> Account {
    [Account::LoansPlatform, Account::LoansPartner1, Account::LoansPartner2, Account::LoansPartner3][funder]
}

/// The liability to a partner (0-based).
pub(crate) const fn funding_of(partner: usize) -> Account {
    [Account::PartnerFunding1, Account::PartnerFunding2, Account::PartnerFunding3][partner]
}

macro_rules! postings {
    ($($name:ident = $debit:ident / $credit:ident, $says:literal;)*) => {
        /// A kind of posting: a reason with its debit and its credit account.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Posting { $(#[doc = $says] $name),* }

        impl Posting {
            /// All kinds.
            pub const ALL: &'static [Posting] = &[$(Posting::$name),*];

            /// The account debited and the account credited.
            #[inline]
            pub const fn sides(self) -> (Account, Account) {
                const SIDES: &[(Account, Account)] = &[$((Account::$debit, Account::$credit)),*];
                SIDES[self as usize]
            }

            /// The reason in words, as exports print it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Posting::$name => $says),* }
            }
        }
    };
}

postings! {
    PaidInCapital = Cash / Capital, "capital paid in";
    // Drawings. Four in a row by funder: the order is relied on by `Posting::by_funder`.
    SalePlatform = LoansPlatform / MerchantPayable, "sale captured, platform's part";
    SalePartner1 = LoansPartner1 / MerchantPayable, "sale captured, partner 1";
    SalePartner2 = LoansPartner2 / MerchantPayable, "sale captured, partner 2";
    SalePartner3 = LoansPartner3 / MerchantPayable, "sale captured, partner 3";
    CardPlatform = LoansPlatform / CardFloat, "shopping card bought, platform's part";
    CardPartner1 = LoansPartner1 / CardFloat, "shopping card bought, partner 1";
    CardPartner2 = LoansPartner2 / CardFloat, "shopping card bought, partner 2";
    CardPartner3 = LoansPartner3 / CardFloat, "shopping card bought, partner 3";
    TipPlatform = LoansPlatform / HostPayable, "tip, platform's part";
    TipPartner1 = LoansPartner1 / HostPayable, "tip, partner 1";
    TipPartner2 = LoansPartner2 / HostPayable, "tip, partner 2";
    TipPartner3 = LoansPartner3 / HostPayable, "tip, partner 3";
    // Principal paid back.
    RepayPlatform = Cash / LoansPlatform, "principal repaid, platform's part";
    RepayPartner1 = Cash / LoansPartner1, "principal repaid, partner 1";
    RepayPartner2 = Cash / LoansPartner2, "principal repaid, partner 2";
    RepayPartner3 = Cash / LoansPartner3, "principal repaid, partner 3";
    // Refunds that reduce principal.
    RefundPlatform = MerchantPayable / LoansPlatform, "sale refunded, platform's part";
    RefundPartner1 = MerchantPayable / LoansPartner1, "sale refunded, partner 1";
    RefundPartner2 = MerchantPayable / LoansPartner2, "sale refunded, partner 2";
    RefundPartner3 = MerchantPayable / LoansPartner3, "sale refunded, partner 3";
    CardRefundPlatform = CardFloat / LoansPlatform, "unspent card refunded, platform's part";
    CardRefundPartner1 = CardFloat / LoansPartner1, "unspent card refunded, partner 1";
    CardRefundPartner2 = CardFloat / LoansPartner2, "unspent card refunded, partner 2";
    CardRefundPartner3 = CardFloat / LoansPartner3, "unspent card refunded, partner 3";
    TipRefundPlatform = HostPayable / LoansPlatform, "tip refunded, platform's part";
    TipRefundPartner1 = HostPayable / LoansPartner1, "tip refunded, partner 1";
    TipRefundPartner2 = HostPayable / LoansPartner2, "tip refunded, partner 2";
    TipRefundPartner3 = HostPayable / LoansPartner3, "tip refunded, partner 3";
    // Partners' money in and out, mirroring the loans they fund.
    FundPartner1 = Cash / PartnerFunding1, "partner 1 pays in";
    FundPartner2 = Cash / PartnerFunding2, "partner 2 pays in";
    FundPartner3 = Cash / PartnerFunding3, "partner 3 pays in";
    ReturnPartner1 = PartnerFunding1 / Cash, "principal passed back to partner 1";
    ReturnPartner2 = PartnerFunding2 / Cash, "principal passed back to partner 2";
    ReturnPartner3 = PartnerFunding3 / Cash, "principal passed back to partner 3";
    // Write-off.
    WriteOffPlatform = LossAllowance / LoansPlatform, "principal written off, platform's part";
    WriteOffCovered1 = FirstLossExpense / LoansPartner1, "principal written off, partner 1, covered by first loss";
    WriteOffCovered2 = FirstLossExpense / LoansPartner2, "principal written off, partner 2, covered by first loss";
    WriteOffCovered3 = FirstLossExpense / LoansPartner3, "principal written off, partner 3, covered by first loss";
    WriteOffBorne1 = PartnerFunding1 / LoansPartner1, "principal written off, borne by partner 1";
    WriteOffBorne2 = PartnerFunding2 / LoansPartner2, "principal written off, borne by partner 2";
    WriteOffBorne3 = PartnerFunding3 / LoansPartner3, "principal written off, borne by partner 3";
    WriteOffInterest = ReceivableWriteOff / InterestReceivable, "posted interest written off";
    WriteOffFee = ReceivableWriteOff / FeeReceivable, "posted fees written off";
    WriteOffPenalty = ReceivableWriteOff / PenaltyReceivable, "posted late interest written off";
    // Charges.
    ChargeInterest = InterestReceivable / InterestIncome, "interest posted";
    ChargeFee = FeeReceivable / FeeIncome, "fee posted";
    ChargePenalty = PenaltyReceivable / PenaltyIncome, "late interest posted";
    PayInterest = Cash / InterestReceivable, "interest paid";
    PayFee = Cash / FeeReceivable, "fee paid";
    PayPenalty = Cash / PenaltyReceivable, "late interest paid";
    WaiveInterest = SubsidyCost / InterestReceivable, "interest waived by a coupon";
    WaiveFee = SubsidyCost / FeeReceivable, "fee waived by a coupon";
    // The two-sided market.
    Commission = MerchantPayable / CommissionIncome, "merchant commission";
    CommissionBack = CommissionIncome / MerchantPayable, "commission of a refunded sale given back";
    SettleMerchants = MerchantPayable / Cash, "merchants settled";
    RefundToBank = MerchantPayable / Cash, "refund beyond the open balance, paid to the customer's bank";
    CardRefundToBank = CardFloat / Cash, "card refund beyond the open balance, paid to the customer's bank";
    TipRefundToBank = HostPayable / Cash, "tip refund beyond the open balance, paid to the customer's bank";
    TipShare = HostPayable / TipIncome, "platform's share of a tip";
    TipShareBack = TipIncome / HostPayable, "platform's share of a refunded tip given back";
    SettleHosts = HostPayable / Cash, "hosts settled";
    RedeemCard = CardFloat / MerchantPayable, "shopping card redeemed at a merchant";
    Rebate = SubsidyCost / Cash, "rebate paid to a customer";
    // Costs and the close of the month.
    Impair = ImpairmentExpense / LossAllowance, "loss allowance raised";
    ReleaseImpairment = LossAllowance / ImpairmentExpense, "loss allowance released";
    PartnerPrice = PartnerCost / Cash, "partners' price for the day";
    TreasuryPrice = TreasuryCost / Cash, "treasury price for the day";
    OriginationPaid = OriginationCost / Cash, "cost of applications";
    CollectionPaid = CollectionCost / Cash, "cost of collection";
    ServicePaid = ServiceCost / Cash, "cost of service and complaints";
    Recovery = Cash / RecoveryIncome, "recovered on a written-off claim";
    ClaimSale = Cash / ClaimSaleIncome, "written-off claims sold";
}

/// Number of posting kinds.
pub(crate) const POSTINGS: usize = Posting::ALL.len();

impl Posting {
    /// The sibling of a `…Platform` kind for a funder (0 is the platform itself).
    ///
    /// # Panics
    /// When `funder` is not below [`FUNDERS`].
    #[inline]
    pub const fn by_funder(self, funder: usize) -> Posting {
        assert!(funder < FUNDERS);
        Posting::ALL[self as usize + funder]
    }

    /// The sibling of a `…1` kind for a partner (0-based).
    ///
    /// # Panics
    /// When `partner` is not below [`MAX_PARTNERS`].
    pub const fn by_partner(self, partner: usize) -> Posting {
        assert!(partner < MAX_PARTNERS);
        Posting::ALL[self as usize + partner]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_by_funder_stand_in_order() {
        for f in 0..FUNDERS {
            assert_eq!(Posting::SalePlatform.by_funder(f).sides().0, loans_of(f));
            assert_eq!(Posting::CardPlatform.by_funder(f).sides().0, loans_of(f));
            assert_eq!(Posting::TipPlatform.by_funder(f).sides().0, loans_of(f));
            for kind in [
                Posting::RepayPlatform,
                Posting::RefundPlatform,
                Posting::CardRefundPlatform,
                Posting::TipRefundPlatform,
            ] {
                assert_eq!(kind.by_funder(f).sides().1, loans_of(f));
            }
        }
        for p in 0..MAX_PARTNERS {
            assert_eq!(Posting::FundPartner1.by_partner(p).sides().1, funding_of(p));
            assert_eq!(Posting::ReturnPartner1.by_partner(p).sides().0, funding_of(p));
            assert_eq!(Posting::WriteOffCovered1.by_partner(p).sides().1, loans_of(p + 1));
            assert_eq!(Posting::WriteOffBorne1.by_partner(p).sides(), (funding_of(p), loans_of(p + 1)));
        }
    }
}
