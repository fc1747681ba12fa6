//! The platforms that can be played, behind one face: what a running server needs of them.
//! Must not know: how a platform is played.

use std::sync::Arc;

use axum::Router;
use serde_json::Value;

use super::{
    SandboxOptions, Server, Side,
    flotiq::{self, Space},
    pipeline::Pipeline,
    server::ServerInfo,
    strapi::{self, Site},
    switch::Switches,
    wire::Life,
    ziggy,
};

/// The platforms by their names. The first is played unless another is named.
pub const PLATFORMS: &[&str] = &["ziggy", "strapi", "flotiq"];
/// A selection of the sample content, as one types it: what to try first on a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tour {
    pub platform: &'static str,
    pub by: TourBy,
    pub value: &'static str,
}

/// What a tour selects by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TourBy {
    Tag,
    Type,
}

/// One for each platform, in their order. Each meets what both servers have alike, what differs and what only one has.
pub const TOURS: &[Tour] = &[
    Tour { platform: "ziggy", by: TourBy::Tag, value: "billing" },
    Tour { platform: "strapi", by: TourBy::Type, value: "api::article.article" },
    Tour { platform: "flotiq", by: TourBy::Type, value: "blog_post" },
];
/// In the place of a name: all of them at once.
pub const ALL: &str = "all";

/// One server of one platform.
#[derive(Clone, Debug)]
pub(super) enum Played {
    Ziggy(Side, Arc<ziggy::App>),
    Strapi(Arc<Site>),
    Flotiq(Arc<Space>),
}

impl Played {
    pub fn new(platform: &str, side: Side, options: &SandboxOptions, life: Life) -> Result<Self, String> {
        let (faults, switches) = (options.faults(side.name())?, options.switches()?);
        Ok(match platform {
            "strapi" => {
                let export = options.export(side.name())?;
                let wanted = strapi::Wanted { items: options.items, seed: options.seed, export };
                Self::Strapi(Site::new(side, &wanted, faults, switches, life)?)
            }
            "flotiq" => {
                let wanted = flotiq::Wanted { items: options.items, seed: options.seed };
                Self::Flotiq(Space::new(side, wanted, faults, switches))
            }
            _ => {
                let content = ziggy::Content { items: options.items, seed: options.seed, ambiguous: options.ambiguous };
                Self::Ziggy(side, ziggy::App::new(side, content, faults, switches)?)
            }
        })
    }

    pub fn info(&self, address: &str) -> ServerInfo {
        match self {
            Self::Ziggy(side, app) => ServerInfo {
                platform: "ziggy",
                name: side.name(),
                url: address.to_owned(),
                user: app.user.clone(),
                password: app.password.clone(),
                token: None,
            },
            // Users of Strapi name the address of its admin panel.
            Self::Strapi(site) => ServerInfo {
                platform: "strapi",
                name: site.name,
                url: format!("{address}/admin"),
                user: site.user.clone(),
                password: site.password.clone(),
                token: Some(site.token()),
            },
            Self::Flotiq(space) => ServerInfo {
                platform: "flotiq",
                name: space.name,
                url: address.to_owned(),
                user: format!("{}@example.invalid", space.name),
                password: String::new(),
                token: Some(space.key()),
            },
        }
    }

    pub fn router(&self) -> Router {
        match self {
            Self::Ziggy(_, app) => app.router(),
            Self::Strapi(site) => site.router(),
            Self::Flotiq(space) => space.router(),
        }
    }

    pub fn pipeline(&self) -> &Pipeline {
        match self {
            Self::Ziggy(_, app) => &app.pipeline,
            Self::Strapi(site) => &site.pipeline,
            Self::Flotiq(space) => &space.pipeline,
        }
    }

    pub fn dump(&self) -> Value {
        match self {
            Self::Ziggy(_, app) => app.dump(),
            Self::Strapi(site) => site.dump(),
            Self::Flotiq(space) => space.dump(),
        }
    }

    pub fn reset(&self) -> Result<(), String> {
        match self {
            Self::Ziggy(side, app) => app.reset(*side),
            Self::Strapi(site) => {
                site.reset();
                Ok(())
            }
            Self::Flotiq(space) => {
                space.reset();
                Ok(())
            }
        }
    }

    pub fn switches(&self) -> Switches {
        match self {
            Self::Ziggy(_, app) => app.switches(),
            Self::Strapi(site) => site.switches(),
            Self::Flotiq(space) => space.switches(),
        }
    }

    pub fn assume(&self, switches: Switches) {
        match self {
            Self::Ziggy(_, app) => app.assume(switches),
            Self::Strapi(site) => site.assume(switches),
            Self::Flotiq(space) => space.assume(switches),
        }
    }
}

impl Server {
    /// The Ziggy server behind this one. For tests, which know what they started.
    pub(super) fn ziggy(&self) -> &ziggy::App {
        match &self.played {
            Played::Ziggy(_, app) => app,
            Played::Strapi(_) | Played::Flotiq(_) => unreachable!("the test asked a server of another platform"),
        }
    }

    /// The Strapi server behind this one, where it is one.
    pub fn site(&self) -> Option<&Site> {
        match &self.played {
            Played::Strapi(site) => Some(site),
            Played::Ziggy(..) | Played::Flotiq(_) => None,
        }
    }

    /// The Flotiq space behind this one, where it is one.
    pub fn space(&self) -> Option<&Space> {
        match &self.played {
            Played::Flotiq(space) => Some(space),
            Played::Ziggy(..) | Played::Strapi(_) => None,
        }
    }
}
