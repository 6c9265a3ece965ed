//! What the server signs for devices: acknowledgements and permits.

use doorstep_domain::measure::Micros;
use doorstep_log::canonical;
use doorstep_log::hash::hex;
use doorstep_log::note;
use doorstep_store::device::Device;
use doorstep_wire::sync::Acknowledgement;

use crate::App;
use crate::actor::Actor;
use crate::error::AppError;

impl App {
    /// The signed acknowledgement of what is stored of a device's chain.
    pub(crate) async fn acknowledge(&self, actor: &Actor, device: &Device, now: Micros) -> Result<String, AppError> {
        let head = device.head_hash.as_slice();
        let body = Acknowledgement {
            v: 1,
            dev: device.id.0,
            upto_dseq: device.next_dseq - 1,
            head_hash: hex(head),
            recv_ms: now.millis(),
        };
        self.sign_note(actor, &body).await
    }

    /// A C2SP note over a value as canonical JSON, signed with the key of permits and acknowledgements.
    pub(crate) async fn sign_note(&self, actor: &Actor, body: &impl serde::Serialize) -> Result<String, AppError> {
        let fault = AppError::Fault("what is signed serialises");
        let value: canonical::Value = serde_json::to_value(body)
            .ok()
            .and_then(|json| serde_json::from_value(json).ok())
            .ok_or(fault)?;
        let bytes = canonical::encode(&value).map_err(|_| AppError::Fault("what is signed is canonical"))?;
        let mut text = String::from_utf8(bytes).map_err(|_| AppError::Fault("JSON is UTF-8"))?;
        text.push('\n');
        let key = self.permit_key(actor.tenant).await?;
        let note = note::sign(&text, &[&key]).map_err(|_| AppError::Fault("a text of one line signs"))?;
        String::from_utf8(note).map_err(|_| AppError::Fault("notes are UTF-8"))
    }
}
