//! `device evidence`: what this device kept against its server, as files that anybody can check with `verify`.

use crate::answer::Answer;
use crate::command::device;
use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::text::Text;
use doorstep_device::Device;
use serde_json::json;
use std::path::Path;

/// Writes what the device kept into a new folder.
pub(crate) async fn export(folder: &Path, context: &mut Context<'_>) -> Result<Answer, Failure> {
    files::refuse_existing(folder)?;
    let device = device::open(context).await?;
    let read = read(&device).await;
    let id = device.id();
    device.close().await;
    let (kept, files) = read?;
    for (path, bytes) in &files {
        let path = folder.join(path);
        let above = files::folder_of(&path);
        std::fs::create_dir_all(above).map_err(|source| Failure::Write {
            path: above.to_owned(),
            source,
        })?;
        files::write_whole(&path, bytes)?;
    }
    let mut text = Text::new(context.lang);
    text.fact("notes kept as evidence", "留作证据的签名", kept.to_string());
    text.fact("folder", "文件夹", folder.display().to_string());
    text.line(&format!("doorstep verify {} --key VKEY", folder.display()));
    let document = json!({ "device": id, "kept": kept, "folder": folder });
    Ok(Answer::new(&document, text.finish()))
}

type Files = std::collections::BTreeMap<String, Vec<u8>>;

async fn read(device: &Device) -> Result<(usize, Files), Failure> {
    let kept = device.suspect_notes().await?.len();
    Ok((kept, device.evidence_files().await?))
}
