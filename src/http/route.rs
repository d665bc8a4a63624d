//! Every route, in one table.

use hyper::Method;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Who may reach a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Anybody, on the public listener.
    Public,
    /// Operators, on the internal listener.
    Internal,
}

/// A route; the closed set that metrics and logs name requests by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Refresh,
    DraftRefresh,
    Cohorts,
    Info,
    Live,
    Ready,
    Metrics,
    Version,
    /// No path of ours.
    Unknown,
}

struct Row {
    route: Route,
    side: Side,
    path: &'static str,
    /// The methods, as the `Allow` header lists them.
    allow: &'static str,
}

const fn row(route: Route, side: Side, path: &'static str, allow: &'static str) -> Row {
    Row { route, side, path, allow }
}

const GET: &str = "GET, HEAD";
const POST: &str = "POST";

const TABLE: &[Row] = &[
    row(Route::Refresh, Side::Public, "/v2/snaps/refresh", POST),
    row(Route::DraftRefresh, Side::Public, "/snaps/refresh", POST),
    row(Route::Cohorts, Side::Public, "/v2/cohorts", POST),
    row(Route::Info, Side::Public, "/v2/snaps/info/{name}", GET),
    row(Route::Live, Side::Internal, "/health/live", GET),
    row(Route::Ready, Side::Internal, "/health/ready", GET),
    row(Route::Metrics, Side::Internal, "/metrics", GET),
    row(Route::Version, Side::Internal, "/version", GET),
];

impl Route {
    pub(super) const ALL: [Self; 9] = [
        Self::Refresh,
        Self::DraftRefresh,
        Self::Cohorts,
        Self::Info,
        Self::Live,
        Self::Ready,
        Self::Metrics,
        Self::Version,
        Self::Unknown,
    ];

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.route == self)
    }

    /// The route's pattern, as metrics and logs show it.
    pub(super) fn label(self) -> &'static str {
        self.row().map_or("unknown", |row| row.path)
    }

    /// The methods it takes.
    pub(super) fn allow(self) -> &'static str {
        self.row().map_or("", |row| row.allow)
    }

    /// Whether it takes that method.
    pub(super) fn takes(self, method: &Method) -> bool {
        self.allow().split(", ").any(|allowed| allowed == method.as_str())
    }
}

/// Every method and path of both listeners, as the specification lists them.
pub fn routes() -> Vec<(&'static str, &'static str)> {
    TABLE.iter().flat_map(|row| row.allow.split(", ").map(|method| (method, row.path))).collect()
}

/// Finds the route of a path.
#[derive(Debug)]
pub(super) struct Router {
    paths: matchit::Router<Route>,
    prefix: String,
}

impl Router {
    /// The routes of one side. A prefix such as `/store` may stand before each of them.
    pub(super) fn new(side: Side, prefix: &str) -> Self {
        let mut paths = matchit::Router::new();
        for row in TABLE.iter().filter(|row| row.side == side) {
            paths.insert(row.path, row.route).expect("the table holds no two equal paths");
        }
        Self { paths, prefix: prefix.to_owned() }
    }

    /// The route of a path and what stands in the place of its parameter.
    pub(super) fn find<'p>(&self, path: &'p str) -> (Route, Cow<'p, str>) {
        let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
        let behind_prefix = || {
            let rest = path.strip_prefix(&self.prefix).filter(|rest| rest.starts_with('/'))?;
            self.paths.at(rest).ok()
        };
        // The bare path first: a prefix must not turn one route into another.
        match self.paths.at(path).ok().or_else(behind_prefix) {
            Some(found) => {
                let parameter = found.params.iter().next().map_or("", |(_, value)| value);
                (*found.value, decode(parameter))
            }
            None => (Route::Unknown, Cow::Borrowed("")),
        }
    }
}

/// A part of a path or query, decoded; what is not UTF-8 becomes characters no name has.
pub(super) fn decode(part: &str) -> Cow<'_, str> {
    percent_decode_str(part).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_and_a_trailing_slash_make_no_difference() {
        let router = Router::new(Side::Public, "/store");
        for path in ["/v2/snaps/refresh", "/v2/snaps/refresh/", "/store/v2/snaps/refresh/"] {
            assert_eq!(router.find(path).0, Route::Refresh, "{path}");
        }
        assert_eq!(router.find("/snaps/refresh").0, Route::DraftRefresh);
        let odd = Router::new(Side::Public, "/v2");
        assert_eq!(odd.find("/v2/snaps/refresh").0, Route::Refresh);
        assert_eq!(router.find("/v2/snaps/info/a%2Db"), (Route::Info, "a-b".into()));
        for path in
            ["/", "", "/storev2/snaps/refresh", "/v2/snaps/info/", "/v2/snaps/info/a/b", "/metrics"]
        {
            assert_eq!(router.find(path).0, Route::Unknown, "{path}");
        }
    }

    #[test]
    fn every_route_but_the_unknown_stands_in_the_table_once() {
        let listed = |route: &&Route| TABLE.iter().filter(|row| row.route == **route).count() == 1;
        assert_eq!(Route::ALL.iter().filter(listed).count(), Route::ALL.len() - 1);
        assert_eq!(TABLE.len(), Route::ALL.len() - 1);
    }
}
