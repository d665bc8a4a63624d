//! What a device is told to install: the product beside a second reading of the contract, and the laws that hold of
//! every answer.

mod decisions;
mod lanes;
mod shelves;

mod aims;
mod requests;
mod wishes;

mod decreed;
mod oracle;
mod place;

mod decided;
mod generations;
mod laws;
mod offers;

mod acts;
mod rules;

mod channel_map;
mod fields;

mod channels;
mod scalars;
