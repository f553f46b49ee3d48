//! Hosts and merchants as actors. A merchant sends the captures, voids and refunds of its orders; a host is thanked for tips and
//! keeps its own count of them, which must agree with what its tippers say.
//!
//! Each generator thread has actors of its own for all of them: a tip or an order does not cross threads to reach one, where a
//! task that was woken from afar waits while there are others of its own thread.

use crate::base::money::Fen32;
use crate::load::actors::cell::CellActor;
use crate::load::actors::cell_link::CellLink;
use crate::load::actors::mailbox::{MailboxContext, Receives};
use crate::load::actors::messages::{Answer, Decide, Outcome};
use actix::{Actor, Addr, Handler, Message, MessageResult};
use std::sync::Arc;

/// All hosts and merchants, by number, as the users of one generator thread know them.
#[derive(Clone)]
pub(crate) struct Counterparties {
    /// Hosts.
    pub hosts: Vec<Addr<HostActor>>,
    /// Merchants.
    pub merchants: Vec<Addr<MerchantActor>>,
}

/// A merchant.
#[derive(Debug, Default)]
pub(crate) struct MerchantActor;

impl Actor for MerchantActor {
    type Context = MailboxContext<Self>;
}

/// A user's order is to be captured, voided or refunded; the answer goes to the user.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Fulfil {
    /// What is to be asked of the cell.
    pub request: Decide,
    /// The cell.
    pub cell: Arc<Addr<CellActor>>,
    /// Admission to it.
    pub link: Arc<CellLink>,
}

impl Receives for MerchantActor {}

impl Handler<Fulfil> for MerchantActor {
    type Result = ();

    fn handle(&mut self, order: Fulfil, _: &mut MailboxContext<Self>) {
        if order.link.admission.take_seat() {
            order.cell.do_send(order.request);
        } else {
            // A user who has left does not care.
            let _ = order.request.to.send(Answer { outcome: Outcome::Shed, service_ns: 0 });
        }
    }
}

/// A host.
#[derive(Debug, Default)]
pub(crate) struct HostActor {
    tips_fen: i64,
}

impl Actor for HostActor {
    type Context = MailboxContext<Self>;
}

/// A tip on credit has been approved.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Tipped(pub Fen32);

impl Receives for HostActor {}

impl Handler<Tipped> for HostActor {
    type Result = ();

    fn handle(&mut self, tip: Tipped, _: &mut MailboxContext<Self>) {
        self.tips_fen += i64::from(tip.0);
    }
}

/// How much a host has been tipped on credit.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "i64")]
pub(crate) struct TipsSoFar;

impl Handler<TipsSoFar> for HostActor {
    type Result = MessageResult<TipsSoFar>;

    fn handle(&mut self, _: TipsSoFar, _: &mut MailboxContext<Self>) -> Self::Result {
        MessageResult(self.tips_fen)
    }
}
