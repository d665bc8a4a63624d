//! What the files of snaps are called where they are downloaded.

use crate::snap::Invalid;
use crate::snap::Label;
use crate::snap::Revision;
use crate::snap::SnapId;
use std::fmt;
use std::str::FromStr;

/// The name of a file that is served, the last part of its path (contract 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    /// `{id}_{revision}.snap`
    Package {
        /// The snap.
        id: SnapId,
        /// The revision.
        revision: Revision,
    },
    /// `{id}_{source}_{target}_{format}.delta`
    Delta {
        /// The snap.
        id: SnapId,
        /// The revision it begins from.
        source: Revision,
        /// The revision it leads to.
        target: Revision,
        /// Its format.
        format: Label,
    },
}

impl FileName {
    /// The snap it is a file of.
    pub fn id(&self) -> SnapId {
        match self {
            Self::Package { id, .. } | Self::Delta { id, .. } => *id,
        }
    }
}

impl FromStr for FileName {
    type Err = Invalid;

    /// Understands a name as it is written, and no other spelling of it.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let no = Invalid::new("file name", "the name of a snap or a delta");
        let name = if let Some(stem) = text.strip_suffix(".snap") {
            let (id, revision) = stem.split_once('_').ok_or(no)?;
            Self::Package { id: id.parse()?, revision: revision.parse()? }
        } else {
            let stem = text.strip_suffix(".delta").ok_or(no)?;
            let mut parts = stem.splitn(4, '_');
            let mut next = || parts.next().ok_or(no);
            Self::Delta {
                id: next()?.parse()?,
                source: next()?.parse()?,
                target: next()?.parse()?,
                format: next()?.parse()?,
            }
        };
        if name.to_string() == text { Ok(name) } else { Err(no) }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Package { id, revision } => write!(f, "{id}_{revision}.snap"),
            Self::Delta { id, source, target, format } => {
                write!(f, "{id}_{source}_{target}_{format}.delta")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let id = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
        for good in [
            format!("{id}_12.snap"),
            format!("{id}_10_12_xdelta3.delta"),
            format!("{id}_10_12_snap-1-1_x.delta"),
        ] {
            assert_eq!(good.parse::<FileName>().expect("a name").to_string(), good);
        }
        for bad in [
            String::new(),
            "_.snap".to_owned(),
            format!("{id}.snap"),
            format!("{id}_.snap"),
            format!("{id}_0.snap"),
            format!("{id}_012.snap"),
            format!("{id}_+12.snap"),
            format!("{id}_12.snap.snap"),
            format!("{id}_12.SNAP"),
            format!("{id}_12_13.snap"),
            format!("../{id}_12.snap"),
            format!("{id}_99999999999.snap"),
            format!("{id}_10_12.delta"),
            format!("{id}_10_012_xdelta3.delta"),
            format!("{id}_10_12_.delta"),
        ] {
            assert!(bad.parse::<FileName>().is_err(), "{bad}");
        }
    }
}
