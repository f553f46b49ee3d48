//! Merchants: who sells in which scene, how long delivery takes, and who colludes to cash out.
//!
//! Numbers are laid out by scene, colluders last, so every question is arithmetic on the number:
//!
//! ```text
//! 0 … live shopping … | local services | top-ups | content | colluders (scenes in turn) | count
//! ```

use crate::base::ids::MerchantId;
use crate::credit::command::{SCENES, Scene};

/// All merchants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantTable {
    /// First number of each scene, then of the colluders, then the count.
    starts: [u16; SCENES + 2],
    ship_days: [(u8, u8); SCENES],
}

impl MerchantTable {
    /// `honest_by_scene` honest merchants of each scene, `colluding` others, and the least and most days to delivery
    /// by scene.
    ///
    /// # Panics
    /// When a scene has no honest merchant or there are more than 65,535 in all.
    pub fn new(honest_by_scene: [u16; SCENES], colluding: u16, ship_days: [(u8, u8); SCENES]) -> MerchantTable {
        let mut starts = [0_u16; SCENES + 2];
        for (index, count) in honest_by_scene.into_iter().chain([colluding]).enumerate() {
            assert!(count > 0 || index == SCENES, "scene {index} has no merchant");
            match starts[index].checked_add(count) {
                Some(next) => starts[index + 1] = next,
                None => panic!("more than 65,535 merchants"),
            }
        }
        MerchantTable { starts, ship_days }
    }

    /// An honest merchant of the scene, each with the same chance.
    #[inline]
    pub fn pick(&self, scene: Scene, bits: u32) -> MerchantId {
        self.among(scene as usize, bits)
    }

    /// A colluding merchant; an ordinary seller of paid content when there is none.
    #[inline]
    pub fn pick_colluder(&self, bits: u32) -> MerchantId {
        self.among(if self.colluders() > 0 { SCENES } else { SCENES - 1 }, bits)
    }

    #[inline]
    fn among(&self, index: usize, bits: u32) -> MerchantId {
        let (from, to) = (self.starts[index], self.starts[index + 1]);
        MerchantId(from + ((u64::from(bits) * u64::from(to - from)) >> 32) as u16)
    }

    /// Whether the merchant cashes out for a share.
    #[inline]
    pub fn is_colluding(&self, merchant: MerchantId) -> bool {
        merchant.0 >= self.starts[SCENES]
    }

    /// The scene in which the merchant is registered: its commission class. Colluders hide in all scenes in turn.
    #[inline]
    pub fn scene_of(&self, merchant: MerchantId) -> Scene {
        if self.is_colluding(merchant) {
            return Scene::ALL[usize::from(merchant.0 - self.starts[SCENES]) % SCENES];
        }
        let index = self.starts[1..SCENES].iter().filter(|start| **start <= merchant.0).count();
        Scene::ALL[index]
    }

    /// Days to delivery, evenly between the scene's least and most.
    #[inline]
    pub fn ship_days(&self, scene: Scene, bits: u32) -> u8 {
        let (least, most) = self.ship_days[scene as usize];
        let span = u64::from(most.saturating_sub(least)) + 1;
        least + ((u64::from(bits) * span) >> 32) as u8
    }

    /// Number of merchants, colluders included.
    pub fn count(&self) -> usize {
        usize::from(self.starts[SCENES + 1])
    }

    /// Number of colluders.
    pub fn colluders(&self) -> usize {
        self.count() - usize::from(self.starts[SCENES])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_cover_the_scene_and_nothing_else() {
        let table = MerchantTable::new([40, 30, 6, 8], 20, [(1, 4), (0, 0), (0, 0), (0, 2)]);
        assert_eq!((table.count(), table.colluders()), (104, 20));
        for (scene, count) in Scene::ALL.into_iter().zip([40, 30, 6, 8]) {
            let mut seen: Vec<u16> = (0..10_000_u32).map(|i| table.pick(scene, i * 429_496).0).collect();
            assert!(seen.iter().all(|&m| table.scene_of(MerchantId(m)) == scene && !table.is_colluding(MerchantId(m))));
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), count);
        }
        let mut bad: Vec<u16> = (0..10_000_u32).map(|i| table.pick_colluder(i * 429_496).0).collect();
        bad.dedup();
        assert_eq!((bad.len(), bad[0]), (20, 84));
        assert!(bad.into_iter().all(|m| table.is_colluding(MerchantId(m))));
        assert_eq!(table.pick_colluder(u32::MAX), MerchantId(103));
        assert_eq!(table.scene_of(MerchantId(85)), Scene::LocalServices);
    }

    #[test]
    fn delivery_takes_the_stated_days() {
        let table = MerchantTable::new([1; 4], 0, [(1, 4), (0, 0), (3, 3), (0, 2)]);
        let range = |scene| {
            let days: Vec<u8> = (0..1_000_u32).map(|i| table.ship_days(scene, i * 4_294_967)).collect();
            (days.iter().min().copied(), days.iter().max().copied())
        };
        assert_eq!(range(Scene::LiveShopping), (Some(1), Some(4)));
        assert_eq!(range(Scene::VirtualTopUp), (Some(3), Some(3)));
        assert_eq!(range(Scene::LocalServices), (Some(0), Some(0)));
        assert_eq!(table.pick_colluder(0), MerchantId(3), "nobody colludes");
    }

    #[test]
    #[should_panic(expected = "scene 2 has no merchant")]
    fn each_scene_has_a_merchant() {
        MerchantTable::new([1, 1, 0, 1], 15, [(0, 0); 4]);
    }
}
