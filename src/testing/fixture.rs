//! A complete scenario by hand, so that tests below `scenario` need no files. The values follow the product's
//! published profile where it says something and are round numbers elsewhere; `models/` holds the sourced ones.

use crate::agents::levers::{
    BuyLevers, ConductLevers, FunnelLevers, Levers, LiteracyLevers, RepayLevers, TipLevers, WatchLevers,
};
use crate::agents::traits::HostTraits;
use crate::base::money::{BasisPoints, Ppm};
use crate::base::time::Day;
use crate::credit::terms::{
    AllocationBy, Authorisation, Billing, Cards, Collections, Economics, FirstPeriod, Funding, InstalmentPricing,
    LateInterest, Limits, Origination, Owed, Partner, Pricing, Provisioning, Terms, Tips,
};
use crate::economy::path::{PathSpec, build, build_warmup};
use crate::scenario::{
    Appetite, Event, MerchantModel, Persona, PopulationModel, Rules, Scenario, Season, Target, WorldSpec,
};

/// The product of the tests: bills on the 1st, 10th and 15th, due five days later, 18.0–23.4 % a year.
pub(crate) fn terms() -> Terms {
    Terms {
        origination: origination(),
        limits: Limits {
            first_review_days: 60,
            raise_factor: Ppm(1_250_000),
            raise_utilisation_min: Ppm(200_000),
            tier_ceiling_fen: [1_000_000, 900_000, 800_000, 600_000, 400_000],
            income_multiple: Ppm(2_000_000),
            cut_factor: Ppm(800_000),
            freeze_dpd: 4,
            ceiling_fen: 5_000_000,
            campaign_raise: Ppm(200_000),
            campaign_raise_days: 30,
            tip_link: Ppm(0),
            targeting: crate::credit::targeting::Targeting::OFF,
            task_purchases: 0,
            task_raise: Ppm(0),
            campaign_share: Ppm(0),
            lower_round: 0,
            lower_share: Ppm(0),
            lower_floor_fen: 0,
            lower_from_tier: 0,
        },
        authorisation: Authorisation {
            scene_allowed: [true; 4],
            velocity_count_max: 20,
            velocity_amount_fen: 1_000_000,
            pattern_stop: Ppm(600_000),
            monitoring_detection: Ppm(500_000),
            false_alarm: Ppm(200),
            hold_days: 15,
            refund_days: 30,
        },
        pricing: Pricing {
            tier_annual: [1_800, 1_920, 2_040, 2_160, 2_340].map(BasisPoints),
            instalments: InstalmentPricing::Irr,
            flat_fee_by_tier: [Ppm::ONE; 5],
            terms_offered: [true; 4],
            late_interest: LateInterest::Published,
            penalty_daily: Ppm(500),
            first_period: FirstPeriod::Days,
            refund_free_before_first_bill: true,
            interest_from_day_one: false,
            cap_annual: BasisPoints(2_400),
            cap_binds_open: false,
            risk_based: true,
            coupon: Ppm(0),
        },
        cards: Cards {
            enabled: true,
            face_max_fen: 500_000,
            unnamed_max_fen: 100_000,
            refund_days: 7,
            closed_from_tier: 4,
            redeem_rebate: Ppm(0),
        },
        tips: Tips { enabled: true, host_share: Ppm(500_000) },
        billing: Billing {
            bill_days: vec![1, 10, 15],
            due_after_days: 5,
            due_extra_days: Vec::new(),
            grace_days: 3,
            minimum: Ppm(100_000),
            minimum_floor_fen: 1_000,
            allocation: [Owed::Penalty, Owed::Interest, Owed::Fees, Owed::Principal],
            allocation_by: AllocationBy::Bill,
            tolerance_fen: 100,
            debit_rounds: [8 * 3_600, 17 * 3_600, 20 * 3_600],
        },
        collections: collections(),
        funding: funding(),
        provisioning: Provisioning {
            pd_by_bucket: [25_000, 150_000, 600_000, 800_000, 950_000, 970_000, 980_000].map(Ppm),
            ccf: Ppm(200_000),
            macro_weights: [200_000, 600_000, 200_000].map(Ppm),
            macro_multipliers: [800_000, 1_000_000, 1_400_000].map(Ppm),
            lifetime_factor: Ppm(1_300_000),
            recovery_prior: Ppm(70_000),
        },
        economics: Economics {
            commission: [20_000, 30_000, 6_000, 50_000].map(Ppm),
            application_cost_fen: 300,
            service_cost_fen_per_month: 150,
            complaint_cost_fen: 8_000,
        },
    }
}

fn origination() -> Origination {
    Origination {
        age_min: 18,
        age_max: 60,
        students_barred: true,
        review_share: Ppm(20_000),
        review_approval: Ppm(500_000),
        review_days: 2,
        review_extra_days: 0,
        review_capacity_per_mille: 0,
        pd_cutoff: Ppm(120_000),
        score_intercept_milli: -2_600,
        score_bureau_milli: -12,
        score_behaviour_milli: -4,
        score_debt_milli: 100,
        income_min_yuan: 1_500,
        total_debt_max_yuan: 200_000,
        tier_pd: [20_000, 40_000, 60_000, 90_000, 1_000_000].map(Ppm),
        tier_new_limit_fen: [100_000, 90_000, 80_000, 65_000, 50_000],
    }
}

fn collections() -> Collections {
    Collections {
        writeoff_dpd: 180,
        channel_from_dpd: [0, 1, 2, 5, 61, 91],
        capacity_per_mille: [0, 1_000, 1_000, 40, 4, 1],
        reach: [0, 700_000, 600_000, 350_000, 400_000, 500_000].map(Ppm),
        cost_fen: [0, 1, 5, 200, 8_000, 20_000],
        calls_a_day_max: 3,
        hardship_dpd: (31, 120),
        hardship_months: 12,
        hardship_annual: BasisPoints(600),
        probation_months: 3,
        sale_after_days: 180,
        sale_price: Ppm(50_000),
    }
}

fn funding() -> Funding {
    let partner = |name: &str, share, capacity_yuan: i64, price, first_loss, trigger| Partner {
        name: name.to_string(),
        share: Ppm(share),
        capacity_fen_per_user: capacity_yuan * 100,
        price_annual: BasisPoints(price),
        first_loss: Ppm(first_loss),
        trigger_30: Ppm(trigger),
        resume: Ppm(800_000),
    };
    Funding {
        partners: vec![
            partner("city bank", 700_000, 900, 480, 50_000, 45_000),
            partner("consumer-finance company", 650_000, 600, 560, 30_000, 60_000),
        ],
        platform_share_min: Ppm(300_000),
        net_assets_fen_per_user: 30_000,
        leverage: 5,
        treasury_annual: BasisPoints(400),
    }
}

/// Knobs of behaviour near the product's profile.
pub(crate) fn levers() -> Levers {
    Levers {
        watch: WatchLevers {
            minutes_mean: 105,
            minutes_sigma_milli: 500,
            sessions_mean_milli: 2_500,
            hour_weights: [20, 10, 6, 4, 3, 4, 10, 20, 28, 30, 32, 36, 48, 40, 34, 34, 36, 42, 56, 74, 90, 92, 70, 42],
            weekend_ppm: 1_150_000,
        },
        funnel: FunnelLevers {
            impression_ppm: 150_000,
            click_ppm: 60_000,
            apply_ppm: 350_000,
            referral_ppm: 0,
            retry_days: 60,
            campaign_click_ppm: 1_500_000,
            identity_mismatch_ppm: 15_000,
            price_elasticity_ppm: 0,
        },
        buy: buy_levers(),
        tip: TipLevers {
            per_session_milli: 500,
            median_fen: 200,
            on_credit_ppm: 200_000,
            minor_refund_ppm: 3_000,
            link_pull_ppm: 0,
            wallet_instead_ppm: 0,
        },
        repay: repay_levers(),
        conduct: ConductLevers {
            cashout_share_ppm: 4_000,
            cashout_daily_ppm: 15_000,
            cashout_by_card_ppm: 400_000,
            complain_decline_ppm: 1_500,
            complain_contact_ppm: 1_500,
            script_complaint_ppm: 1_000_000,
            complain_charge_ppm: 3_000,
            complain_service_ppm: 300,
            churn_monthly_ppm: 10_000,
            patience_declines: 4,
            sulk_days: 21,
            churn_price_ppm: 0,
        },
        literacy: LiteracyLevers { below_age: 0, forget_cut_ppm: 0, demand_cut_ppm: 0 },
    }
}

fn buy_levers() -> BuyLevers {
    BuyLevers {
        demand_per_month_milli: 5_200,
        ticket_median_fen: 45_000,
        ticket_sigma_milli: 680,
        scene_ppm: [550_000, 220_000, 150_000, 80_000],
        card_ppm: 60_000,
        card_named_ppm: 700_000,
        card_redeem_daily_ppm: 80_000,
        card_refund_ppm: 30_000,
        prompt_stop_ppm: 0,
        checkout_instalment_ppm: 150_000,
        term_weights: [45, 30, 10, 15],
        refund_ppm: 60_000,
        partial_refund_ppm: 300_000,
        void_ppm: 30_000,
        retry_cheaper_ppm: 400_000,
        price_elasticity_ppm: -20_000,
        reference_annual_bp: 2_040,
        jobless_demand_ppm: 500_000,
        burdened_demand_ppm: 500_000,
        burden_from_ppm: 500_000,
        cycle_ppm: 1_000_000,
        task_pull_ppm: 0,
        rebate_pull_ppm: 0,
        coupon_pull_ppm: 0,
        card_substitution_ppm: 0,
    }
}

fn repay_levers() -> RepayLevers {
    RepayLevers {
        bill_instalment_ppm: 240_000,
        minimum_ppm: 80_000,
        auto_debit_ppm: 550_000,
        forget_ppm: 60_000,
        remember_daily_ppm: 150_000,
        emergency_ppm: 20_000,
        emergency_size_milli: 800,
        reserve_ppm: 200_000,
        benefit_ppm: 250_000,
        jobless_living_ppm: 700_000,
        scrape_daily_ppm: 60_000,
        scrape_late_daily_ppm: 8_000,
        give_up_ppm: [300_000, 500_000, 900_000],
        contact_cure_ppm: [0, 10_000, 15_000, 60_000, 80_000, 100_000],
        script_cure_ppm: 1_000_000,
        strategic_share_ppm: 15_000,
        strategic_monthly_ppm: 15_000,
        fraud_share_ppm: 3_000,
        hardship_ask_ppm: 10_000,
        recovery_monthly_ppm: 8_000,
        recovery_part_ppm: 100_000,
        settle_early_ppm: 10_000,
        residual_logit_milli_per_pp: 100,
        stacked_from_ppm: 400_000,
    }
}

/// Terms and knobs together.
pub(crate) fn rules() -> Rules {
    Rules { terms: terms(), levers: levers() }
}

/// A path with its peak at `peak_ppm`; 52,000 is the normal economy.
pub(crate) fn path_spec(name: &str, peak_ppm: i32) -> PathSpec {
    let depth = (peak_ppm - 52_000) / 380;
    PathSpec {
        name: name.to_string(),
        base_ppm: 52_000,
        peak_ppm,
        start_month: 4,
        rise_months: 9,
        hold_months: 3,
        half_life_months: 9,
        income_drop_ppm: 600 * depth,
        spending_drop_ppm: 1_000 * depth,
        lpr_bp: 300,
        lpr_cut_bp: depth / 2,
        gdp_growth_ppm: 50_000,
        gdp_drop_ppm: 500 * depth,
        cpi_ppm: 5_000,
        income_growth_annual_ppm: 45_000,
        finding_ppm: 180_000,
        confidence_drop_ppm: 2_000 * depth,
        noise_sd_milli: 90,
        noise_phi_ppm: 950_000,
        quarters: Vec::new(),
    }
}

/// Two worlds (base, severe) over `users` people in cells of 1,000: 6 months' warm-up, 12 months, seed 1.
pub(crate) fn scenario(users: u32) -> Scenario {
    let (months, warmup_months, seed, replication) = (12, 6, 1, 0);
    let world = |name: &str, peak_ppm| WorldSpec {
        name: name.to_string(),
        economy: build(&path_spec(name, peak_ppm), months, seed, replication),
        rule_changes: Vec::new(),
        events: Vec::<Event>::new(),
        appetite: None,
    };
    Scenario {
        name: "fixture".to_string(),
        title: "A scenario for tests".to_string(),
        product: "fixture".to_string(),
        product_title: "Fixture".to_string(),
        users,
        cell_users: 1_000,
        warmup_months,
        months,
        start: Day::from_ymd(2026, 1, 1).expect("a date"),
        seed,
        replication,
        population: population(),
        hosts: HostTraits {
            count: 500,
            zipf_milli: 1_000,
            persistence: Ppm(970_000),
            shock_milli: 80,
            feedback: Ppm(50_000),
            streams: Ppm(700_000),
        },
        merchants: MerchantModel {
            count_by_scene: [400, 300, 60, 80],
            colluding: 20,
            ship_days: [(1, 4), (0, 0), (0, 0), (0, 0)],
        },
        base: rules(),
        warmup_economy: build_warmup(&path_spec("base", 52_000), warmup_months),
        worlds: vec![world("base", 52_000), world("severe", 90_000)],
        seasons: vec![Season {
            name: "Double 11".to_string(),
            from: (11, 1),
            to: (11, 11),
            demand: Ppm(1_500_000),
            watch: Ppm(1_150_000),
        }],
        targets: vec![Target {
            measure: "overdue_rate".to_string(),
            target: 0.042,
            low: 0.040,
            high: 0.044,
            grade: 'S',
            source: "published profile of the product, 2023".to_string(),
            place: String::new(),
        }],
        load: None,
        suite: None,
        appetite: Appetite {
            overdue_30_normal: Ppm(24_000),
            cutoff_per_pp: Ppm(200_000),
            raise_per_pp: Ppm(300_000),
            unemployment_weight: Ppm(300_000),
            floor: Ppm(300_000),
        },
        profile: crate::scenario::ProductProfile::default(),
        remarks: Vec::new(),
        resolved_toml: String::new(),
    }
}

/// Personas whose ages put 82 % of the users at 18–35.
pub(crate) fn population() -> PopulationModel {
    let persona = |name: &str, share, ages, student, active, demand, tipper, income| Persona {
        name: name.to_string(),
        share: Ppm(share),
        ages,
        student: Ppm(student),
        active: Ppm(active),
        watch: Ppm(1_000_000),
        demand: Ppm(demand),
        tipper: Ppm(tipper),
        income: Ppm(income),
        forgetfulness: Ppm(1_000_000),
        other_debt: Ppm(1_000_000),
    };
    PopulationModel {
        personas: vec![
            persona("minor", 10_000, (15, 17), 0, 600_000, 200_000, 10_000, 100_000),
            persona("student", 70_000, (18, 22), 900_000, 750_000, 600_000, 40_000, 500_000),
            persona("starter", 280_000, (18, 26), 0, 700_000, 1_050_000, 55_000, 950_000),
            persona("urban worker", 300_000, (24, 35), 0, 650_000, 1_200_000, 60_000, 1_100_000),
            persona("small-town family", 170_000, (26, 35), 0, 600_000, 950_000, 50_000, 850_000),
            persona("established", 170_000, (36, 59), 0, 500_000, 800_000, 35_000, 1_050_000),
        ],
        demand_shape_milli: 1_200,
        demand_income_exponent_milli: 600,
        ticket_user_sigma_milli: 270,
        tip_sigma_milli: 2_700,
        income_sigma_milli: 650,
        income_median_fen: [5_000_000, 6_600_000, 7_600_000, 7_200_000, 6_200_000],
        savings_median_milli: 2_500,
        savings_sigma_milli: 1_100,
        other_debt_ppm: 350_000,
        other_debt_median_milli: 250,
        other_service_ppm: 35_000,
        living_share_ppm: 550_000,
        present_at_start_ppm: 700_000,
        payday_early_ppm: 500_000,
        forgetfulness_sigma_milli: 700,
        bureau_signal_ppm: 400_000,
        minor_at_home_ppm: 60_000,
    }
}
