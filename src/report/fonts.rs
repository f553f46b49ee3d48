//! The embedded fonts: DejaVu Sans Condensed for letters, Noto Sans SC for what it lacks. A machine without fonts draws the same
//! pictures.

use ab_glyph::{Font, FontRef};
use plotters::style::{FontStyle, register_font};
use std::sync::{Once, OnceLock};

/// Name of the font of letters, as plotters knows it.
const LETTERS: &str = "sans-serif";

/// Name of the font with Chinese characters.
const CHINESE: &str = "chinese";

/// Fonts of letters in SVG files. A viewer takes the first of these that it has.
const VIEWERS_LETTERS: &str = "DejaVu Sans Condensed, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif";

/// Fonts with Chinese characters in SVG files.
const VIEWERS_CHINESE: &str = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif";

/// ASCII, Latin and GB 2312 of Noto Sans CJK SC; `fonts/README.md` says how it was made.
const CHINESE_BYTES: &[u8] = include_bytes!("fonts/noto-sans-sc-gb2312.otf");

/// Registers the embedded fonts under the names that texts use. Parsing happens once in a process.
pub(super) fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An embedded font that does not parse is a broken build; texts would say so when drawn.
        let _ = register_font(LETTERS, FontStyle::Normal, dejavu::sans_condensed::regular());
        let _ = register_font(LETTERS, FontStyle::Bold, dejavu::sans_condensed::bold());
        let _ = register_font(CHINESE, FontStyle::Normal, CHINESE_BYTES);
    });
}

/// The name of the font that a text is set in: the one of letters, unless it lacks a character.
pub(super) fn family(text: &str) -> &'static str {
    if text.is_ascii() || text.chars().all(|c| holds(letters(), c)) { LETTERS } else { CHINESE }
}

/// The fonts that a viewer of an SVG file may set a text in.
pub(super) fn viewers(text: &str) -> &'static str {
    if family(text) == LETTERS { VIEWERS_LETTERS } else { VIEWERS_CHINESE }
}

/// The characters of a text that a chart cannot show, each once, in their order.
pub(crate) fn missing(text: &str) -> Vec<char> {
    let mut missing = Vec::new();
    if family(text) == LETTERS {
        return missing;
    }
    for c in text.chars() {
        if !holds(chinese(), c) && !missing.contains(&c) {
            missing.push(c);
        }
    }
    missing
}

fn holds(font: Option<&FontRef<'static>>, c: char) -> bool {
    font.is_some_and(|font| font.glyph_id(c).0 != 0)
}

fn letters() -> Option<&'static FontRef<'static>> {
    static FONT: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    FONT.get_or_init(|| FontRef::try_from_slice(dejavu::sans_condensed::regular()).ok()).as_ref()
}

fn chinese() -> Option<&'static FontRef<'static>> {
    static FONT: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    FONT.get_or_init(|| FontRef::try_from_slice(CHINESE_BYTES).ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_set_in_the_font_that_has_it() {
        assert_eq!(family("Platform – Łódź ≥ 30 %"), LETTERS);
        assert_eq!(family("抖音月付 (Douyin)"), CHINESE);
    }

    #[test]
    fn gb_2312_is_there_and_what_is_not_is_named() {
        // The first and the last character of both levels of GB 2312.
        assert_eq!(missing("啊座亍齄，。￥·"), Vec::<char>::new());
        assert_eq!(missing("月付 ½ 平台"), Vec::<char>::new());
        assert_eq!(missing("漢字𠮷 漢"), vec!['漢', '𠮷']);
    }

    #[test]
    fn both_fonts_have_one_size() {
        let scale = |font: &FontRef<'_>| f64::from(font.height_unscaled()) / f64::from(font.units_per_em().unwrap());
        assert!((scale(letters().unwrap()) - scale(chinese().unwrap())).abs() < 0.001);
    }
}
