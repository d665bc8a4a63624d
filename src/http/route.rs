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

/// Which of the doors behind a listener answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Devices: from the shelf, never waiting for anything.
    Store,
    /// Devices that open a session. They may wait for the database.
    Sessions,
    /// Devices that fetch files: from where they are held.
    Files,
    /// Pages of people: rankings, slices, counts. From the shelf too.
    Boards,
    /// Pages of people that show what the store we collect from says. They may wait for it.
    Relay,
    /// Devices: what we do not serve ourselves, asked of the store behind us.
    Forward,
    /// Editors: with a token, and from the database.
    Editors,
    /// What operators ask about this process.
    Health,
    /// Work that is queued, under way or done: from the database.
    Jobs,
    /// What operators let channels give out: from the database.
    Overrides,
}

impl Family {
    /// Whether pages of other origins may read the answers (contract/rankings 2.0).
    pub(super) fn is_for_browsers(self) -> bool {
        matches!(self, Self::Boards | Self::Relay | Self::Editors)
    }
}

/// Declares the routes, in one table: the name, the listener, who answers, the path, and the methods as the `Allow`
/// header lists them. A parameter `key` takes all the rest of the path.
macro_rules! routes {
    ($($route:ident $side:ident $family:ident $path:literal $allow:literal,)*) => {
        /// A route; the closed set that metrics and logs name requests by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Route {
            $(#[doc = concat!("`", $path, "`")] $route,)*
            /// No path of ours.
            Unknown,
        }

        const TABLE: &[Row] = &[
            $(Row {
                route: Route::$route,
                side: Side::$side,
                family: Family::$family,
                path: $path,
                allow: $allow,
            },)*
        ];

        impl Route {
            /// Every route, in the order of their numbers.
            pub(super) const ALL: &[Self] = &[$(Self::$route,)* Self::Unknown];
        }
    };
}

struct Row {
    route: Route,
    side: Side,
    family: Family,
    path: &'static str,
    allow: &'static str,
}

routes! {
    Refresh Public Store "/v2/snaps/refresh" "POST",
    DraftRefresh Public Store "/snaps/refresh" "POST",
    Cohorts Public Store "/v2/cohorts" "POST",
    Info Public Store "/v2/snaps/info/{name}" "GET, HEAD",
    Find Public Store "/v2/snaps/find" "GET, HEAD",
    StoreCategories Public Store "/v2/snaps/categories" "GET, HEAD",
    Sections Public Store "/api/v1/snaps/sections" "GET, HEAD",
    Names Public Store "/api/v1/snaps/names" "GET, HEAD",
    Nonces Public Sessions "/api/v1/snaps/auth/nonces" "POST",
    Sessions Public Sessions "/api/v1/snaps/auth/sessions" "POST",
    RequestSerialId Public Forward "/api/v1/snaps/auth/request-id" "POST",
    RegisterDevice Public Forward "/api/v1/snaps/auth/devices" "POST",
    Orders Public Forward "/api/v1/snaps/purchases/orders" "GET, HEAD",
    Buy Public Forward "/api/v1/snaps/purchases/buy" "POST",
    Customer Public Forward "/api/v1/snaps/purchases/customers/me" "GET, HEAD",
    Messages Public Forward "/v2/messages" "POST",
    Repair Public Forward "/v2/repairs/{brand}/{number}" "GET, HEAD",
    Download Public Files "/api/v1/snaps/download/{file}" "GET, HEAD",
    Assertion Public Store "/v2/assertions/{type}/{key}" "GET, HEAD",
    AssertionOfOld Public Store "/api/v1/snaps/assertions/{type}/{key}" "GET, HEAD",
    AssertionStream Public Store "/v2/assertion-streams/{token}" "GET, HEAD",
    Root Public Boards "/" "GET, HEAD, OPTIONS",
    Check Public Boards "/_status/check" "GET, HEAD, OPTIONS",
    Featured Public Editors "/featured" "GET, HEAD, OPTIONS, POST",
    SearchStore Public Relay "/store/store.json" "GET, HEAD, OPTIONS",
    ExcludedSnaps Public Editors "/api/excluded_snaps" "GET, HEAD, OPTIONS",
    ExcludeSnap Public Editors "/api/exclude_snap" "OPTIONS, POST",
    IncludeSnap Public Editors "/api/include_snap" "OPTIONS, POST",
    EditorialSlices Public Editors "/api/editorial_slices" "GET, HEAD, OPTIONS",
    CreateSlice Public Editors "/api/editorial_slice" "OPTIONS, POST",
    EditorialSlice Public Editors "/api/editorial_slice/{id}" "DELETE, GET, HEAD, OPTIONS, POST",
    SliceSnaps Public Editors "/api/editorial_slice/{id}/snaps" "OPTIONS, POST",
    SliceRemoveSnap Public Editors "/api/editorial_slice/{id}/remove_snap" "OPTIONS, POST",
    SliceOrder Public Editors "/api/editorial_slice/{id}/order" "OPTIONS, PUT",
    Settings Public Editors "/api/settings" "GET, HEAD, OPTIONS",
    RunStep Public Editors "/api/run_pipeline_step" "OPTIONS, POST",
    SearchCollected Public Editors "/api/collected_snaps/search" "GET, HEAD, OPTIONS",
    Audit Public Editors "/v2/audit" "GET, HEAD, OPTIONS",
    Stats Public Boards "/api/stats" "GET, HEAD, OPTIONS",
    Categories Public Boards "/api/categories" "GET, HEAD, OPTIONS",
    Category Public Boards "/api/category/{id}" "GET, HEAD, OPTIONS",
    Slices Public Boards "/api/slices" "GET, HEAD, OPTIONS",
    Slice Public Boards "/api/slice/{id}" "GET, HEAD, OPTIONS",
    Snaps Public Boards "/api/snaps" "GET, HEAD, OPTIONS",
    RecentlyUpdated Public Boards "/api/recently-updated" "GET, HEAD, OPTIONS",
    Rankings Public Boards "/v2/rankings" "GET, HEAD, OPTIONS",
    Ranking Public Boards "/v2/rankings/{category}" "GET, HEAD, OPTIONS",
    RankingHistory Public Boards "/v2/rankings/{category}/history" "GET, HEAD, OPTIONS",
    Live Internal Health "/health/live" "GET, HEAD",
    Ready Internal Health "/health/ready" "GET, HEAD",
    Metrics Internal Health "/metrics" "GET, HEAD",
    Version Internal Health "/version" "GET, HEAD",
    Jobs Internal Jobs "/v2/jobs" "GET, HEAD, POST",
    Job Internal Jobs "/v2/jobs/{id}" "GET, HEAD",
    JobEvents Internal Jobs "/v2/jobs/{id}/events" "GET, HEAD",
    JobCancel Internal Jobs "/v2/jobs/{id}/cancel" "POST",
    Overrides Internal Overrides "/v2/overrides" "GET, HEAD",
    SnapOverrides Internal Overrides "/v2/overrides/{name}" "DELETE, GET, HEAD, POST",
}

impl Route {
    /// Its row; the rows stand in the order of the numbers.
    fn row(self) -> Option<&'static Row> {
        TABLE.get(self as usize)
    }

    /// The route's pattern, as metrics and logs show it.
    pub(super) fn label(self) -> &'static str {
        self.row().map_or("unknown", |row| row.path)
    }

    /// Who answers it.
    pub(super) fn family(self) -> Option<Family> {
        self.row().map(|row| row.family)
    }

    /// The methods it takes.
    pub(super) fn allow(self) -> &'static str {
        self.row().map_or("", |row| row.allow)
    }

    /// Whether it takes that method.
    pub(super) fn takes(self, method: &Method) -> bool {
        let allowed = self.allow();
        // Most that devices post to takes nothing else.
        allowed == method.as_str() || allowed.split(", ").any(|one| one == method.as_str())
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
            paths
                .insert(row.path.replace("{key}", "{*key}"), row.route)
                .expect("the table holds no two equal paths");
        }
        Self { paths, prefix: prefix.to_owned() }
    }

    /// The route of a path and what stands in the place of its parameter, decoded; in the place of two, as sent.
    pub(super) fn find<'p>(&self, path: &'p str) -> (Route, Cow<'p, str>) {
        let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
        let behind_prefix = || {
            let rest = path.strip_prefix(&self.prefix)?;
            let is_root = rest.is_empty() && !self.prefix.is_empty();
            let rest = Some(rest).filter(|rest| rest.starts_with('/')).or(is_root.then_some("/"))?;
            self.paths.at(rest).ok()
        };
        // The bare path first: a prefix must not turn one route into another.
        match self.paths.at(path).ok().or_else(behind_prefix) {
            Some(found) => {
                let mut parameters = found.params.iter().map(|(_, value)| value);
                match (parameters.next(), parameters.next()) {
                    (None, _) => (*found.value, Cow::Borrowed("")),
                    (Some(first), None) => (*found.value, decode(first)),
                    // Two stand together at the end of the path, and the second may be of several parts.
                    (Some(first), Some(rest)) => {
                        let start = path.len() - first.len() - 1 - rest.len();
                        (*found.value, Cow::Borrowed(path.get(start..).unwrap_or_default()))
                    }
                }
            }
            None => (Route::Unknown, Cow::Borrowed("")),
        }
    }

    /// Whether a path of ours stands behind the prefix.
    pub(super) fn is_behind_prefix(&self, path: &str) -> bool {
        let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
        path.starts_with(&self.prefix) && self.paths.at(path).is_err()
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
        for root in ["/", "/store", "/store/"] {
            assert_eq!(router.find(root).0, Route::Root, "{root}");
        }
        assert_eq!(router.find("/v2/snaps/info/a%2Db"), (Route::Info, "a-b".into()));
        for path in ["/v2/assertions/a/16/b%2Fc", "/store/v2/assertions/a/16/b%2Fc/"] {
            assert_eq!(router.find(path), (Route::Assertion, "a/16/b%2Fc".into()), "{path}");
        }
        for path in
            ["", "/storev2/snaps/refresh", "/v2/snaps/info/", "/v2/snaps/info/a/b", "/metrics"]
        {
            assert_eq!(router.find(path).0, Route::Unknown, "{path}");
        }
    }

    #[test]
    fn every_route_but_the_unknown_stands_in_the_table_at_its_number() {
        let listed = |route: &&Route| route.row().is_some_and(|row| row.route == **route);
        assert_eq!(Route::ALL.iter().filter(listed).count(), TABLE.len());
        assert_eq!(TABLE.len(), Route::ALL.len() - 1);
    }
}
