//! Between a cell and its users: admission one way, the users' mailboxes the other. Users, merchants and the cell's worker share it
//! across threads. It knows nothing of what is asked or answered; seats are counted in `core::admission`, messages in `mailbox`.

use crate::base::ids::Slot;
use crate::load::actors::mailbox::MailboxCount;
use crate::load::actors::messages::Answer;
use crate::load::actors::user::UserActor;
use crate::load::core::admission::Admission;
use actix::{Addr, Handler, Message};
use prefetch_index::prefetch_index;
use tokio::sync::oneshot;

/// Admission to a cell, and the mailboxes of its users, by slot. Whoever answers for the cell shares it; to copy an address costs two
/// allocations.
pub(crate) struct CellLink {
    /// Admission to the cell.
    pub admission: Admission,
    users: Vec<Addr<UserActor>>,
    /// What was ever sent to each of them.
    counts: Vec<MailboxCount>,
}

impl CellLink {
    /// The link of a cell that has `seats` requests in its queue at most.
    pub(crate) fn new(seats: u32, users: Vec<Addr<UserActor>>) -> CellLink {
        let counts = users.iter().map(|_| MailboxCount::default()).collect();
        CellLink { admission: Admission::new(seats), users, counts }
    }

    /// Answers a request that was admitted: its seat is free again.
    pub(crate) fn answer(&self, to: oneshot::Sender<Answer>, answer: Answer) {
        // A user who has left does not care.
        let _ = to.send(answer);
        self.admission.give_back_seat();
    }

    /// Sends a user something that is no answer.
    pub(crate) fn send<M>(&self, slot: Slot, message: M)
    where
        M: Message<Result = ()> + Send + 'static,
        UserActor: Handler<M>,
    {
        self.counts[slot.index()].send(&self.users[slot.index()], message);
    }

    /// What was ever sent to a user.
    #[inline]
    pub(crate) fn mailbox_count(&self, slot: Slot) -> &MailboxCount {
        &self.counts[slot.index()]
    }

    /// Has a user's mailbox count fetched from memory.
    #[inline]
    pub(crate) fn fetch_ahead(&self, slot: Slot) {
        prefetch_index(&self.counts, slot.index());
    }
}
