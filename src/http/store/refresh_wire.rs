//! The body of a refresh request, as sent.

use crate::http::store::refresh_parts::EpochWire;
use crate::http::store::refresh_parts::FieldsWire;
use crate::http::store::refresh_parts::FormatsWire;
use crate::http::store::wire;
use crate::http::store::wire::Counted;
use crate::http::store::wire::Items;
use crate::http::store::wire::Loose;
use crate::http::store::wire::ShortText;
use crate::http::store::wire::Text;
use crate::http::store::wire::TextLength;
use crate::http::store::wire::wire_object;
use validator::Validate;

/// The most entries of a context: twice the snaps of the largest installations known.
const MAX_CONTEXT: u64 = 1_000;
/// The most actions; snapd sends at most one for each installed snap.
const MAX_ACTIONS: u64 = 1_000;
/// The most validation sets of an entry.
const MAX_SETS: u64 = 100;
/// The most names of fields; there are 28.
const MAX_FIELDS: u64 = 200;
/// The longest key, name or id, in bytes; snapd's own keys have at most 76.
const MAX_TEXT: u64 = wire::MAX_SHORT as u64;
/// The longest channel: three parts of at most 128 bytes and two slashes.
const MAX_CHANNEL: u64 = 386;
/// The longest cohort key; ours have 98 bytes.
const MAX_COHORT_KEY: u64 = 1_024;

/// Keys of validation sets (contract 2.1); they corroborate, and change no answer.
type SetsWire = Counted<Counted<ShortText>>;

wire_object! {
    /// The body (contract section 2).
    #[derive(Validate)]
    pub(super) struct RefreshWire<'a> {
        #[validate(required, length(max = MAX_CONTEXT), nested)]
        context: Items<ContextWire<'a>, MAX_CONTEXT> = "context",
        #[validate(required, length(max = MAX_ACTIONS), nested)]
        actions: Items<ActionWire<'a>, MAX_ACTIONS> = "actions",
        #[validate(length(max = MAX_FIELDS))]
        fields: FieldsWire = "fields",
        assertion_max_formats: FormatsWire = "assertion-max-formats",
    }
}

wire_object! {
    /// An entry of the context (contract 2.1). What only informs is checked for its type and let go. What must be there
    /// is asked for when the entry is parsed.
    #[derive(Validate)]
    pub(super) struct ContextWire<'a> {
        #[validate(length(max = MAX_TEXT))]
        instance_key: Text<'a> = "instance-key",
        #[validate(length(max = MAX_TEXT))]
        snap_id: Text<'a> = "snap-id",
        #[validate(range(min = 1, max = 2_147_483_647))]
        revision: i64 = "revision",
        #[validate(length(max = MAX_CHANNEL))]
        tracking_channel: Text<'a> = "tracking-channel",
        epoch: EpochWire = "epoch",
        #[validate(length(max = MAX_TEXT))]
        refreshed_date: TextLength = "refreshed-date",
        ignore_validation: bool = "ignore-validation",
        #[validate(length(max = MAX_COHORT_KEY))]
        cohort_key: Text<'a> = "cohort-key",
        #[validate(length(max = MAX_SETS))]
        validation_sets: SetsWire = "validation-sets",
        held: HeldWire<'a> = "held",
    }
}

wire_object! {
    /// An action (contract 2.2). `snap-name` and `tag` are members at the draft door only.
    #[derive(Validate)]
    pub(super) struct ActionWire<'a> {
        #[validate(length(max = MAX_TEXT))]
        action: Text<'a> = "action",
        #[validate(length(max = MAX_TEXT))]
        instance_key: Text<'a> = "instance-key",
        #[validate(length(max = MAX_TEXT))]
        name: Text<'a> = "name",
        snap_name: Loose<'a> = "snap-name",
        #[validate(length(max = MAX_TEXT))]
        snap_id: Text<'a> = "snap-id",
        #[validate(length(max = MAX_CHANNEL))]
        channel: Text<'a> = "channel",
        #[validate(range(min = 0, max = 2_147_483_647))]
        revision: i64 = "revision",
        #[validate(length(max = MAX_COHORT_KEY))]
        cohort_key: Text<'a> = "cohort-key",
        ignore_validation: bool = "ignore-validation",
        #[validate(length(max = MAX_SETS))]
        validation_sets: SetsWire = "validation-sets",
        epoch: EpochWire = "epoch",
        tag: Loose<'a> = "tag",
    }
}

wire_object! {
    /// Holds on a snap (contract 2.1): they inform, and change no answer.
    pub(super) struct HeldWire<'a> {
        by: Counted<ShortText> = "by",
    }
}
