//! `leaflet`: list, show, print, and note that one was handed over.

use crate::answer::Answer;
use crate::command::case::find_case;
use crate::command::letter::pdf_of;
use crate::command::staff::pick_all;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::table::Table;
use crate::text::Text;
use crate::times;
use clap::Subcommand;
use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::leaflet::{GiveLeaflet, LeafletDetail, LeafletHanded, LeafletItem, LeafletQuery};
use std::path::PathBuf;
use uuid::Uuid;

/// Commands of leaflets.
#[derive(Debug, Subcommand)]
pub(crate) enum LeafletCommand {
    /// List them: all, or those that fit a case, with when they were handed over
    List {
        /// The case: id or number
        #[arg(long)]
        case: Option<String>,
    },
    /// Show one here, or write it as PDF
    Show {
        /// Its name
        leaflet: String,
        /// zh or en; that of the program where it is left out
        #[arg(long)]
        language: Option<Lang>,
        /// Write it there for printing
        #[arg(long, value_name = "FILE.pdf")]
        out: Option<PathBuf>,
        /// Write over the file
        #[arg(long)]
        force: bool,
    },
    /// Note that one was handed over
    Give {
        /// Its name
        leaflet: String,
        /// The case: id or number
        #[arg(long)]
        case: String,
        /// zh or en; that of the program where it is left out
        #[arg(long)]
        language: Option<Lang>,
        /// Id of the visit at which it was handed over; without it the office did
        #[arg(long, value_name = "VISIT")]
        visit: Option<Uuid>,
    },
}

/// Carries out a command of leaflets.
pub(crate) async fn run(command: LeafletCommand, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    match command {
        LeafletCommand::List { case } => {
            let case = match case {
                Some(given) => Some(find_case(&client, &given, None).await?),
                None => None,
            };
            let query = LeafletQuery {
                case,
                language: Some(context.lang.code().to_owned()),
            };
            let page: Page<LeafletItem> = client.get("leaflets", &query).await?;
            Ok(Answer::new(&page, render(context, &page.items)))
        }
        LeafletCommand::Show {
            leaflet,
            language,
            out,
            force,
        } => {
            if let Some(out) = &out {
                files::refuse_existing_unless(force, out)?;
            }
            let query = LeafletQuery {
                case: None,
                language: Some(language.unwrap_or(context.lang).code().to_owned()),
            };
            let found: LeafletDetail = client.get(&format!("leaflets/{leaflet}"), &query).await?;
            if let Some(out) = &out {
                files::write_whole(out, &pdf_of(&client, &found.pdf)?)?;
            }
            Ok(Answer::new(&found, found.text.clone()))
        }
        LeafletCommand::Give {
            leaflet,
            case,
            language,
            visit,
        } => {
            let request = GiveLeaflet {
                case: find_case(&client, &case, None).await?,
                leaflet,
                language: language.unwrap_or(context.lang).code().to_owned(),
                visit,
            };
            let given: LeafletHanded = client.post("leaflets/given", &request).await?;
            let mut text = Text::new(context.lang);
            text.fact("handed over", "已交付", &given.leaflet);
            text.fact("by", "经手人", &given.staff);
            Ok(Answer::new(&given, text.finish()))
        }
    }
}

fn render(context: &Context<'_>, items: &[LeafletItem]) -> String {
    let head = [("Leaflet", "宣传页"), ("Title", "标题"), ("Handed over", "交付时间")];
    let mut table = Table::new(pick_all(context, head));
    for item in items {
        let given: Vec<String> = item.given.iter().map(|one| times::at(one.at, &context.zone)).collect();
        table.row([item.name.clone(), item.title.clone(), given.join(", ")]);
    }
    let mut text = Text::new(context.lang);
    text.table(&table);
    text.finish()
}
