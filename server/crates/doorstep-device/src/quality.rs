//! What was found about the owner's own visits, and the appeal against it. Asked of the server each time and kept nowhere:
//! notes of visits that are over have no place on a device.

use doorstep_domain::words::Lang;
use doorstep_wire::Page;
use doorstep_wire::quality::{AppealQuality, QualityDetail, QualityItem};
use uuid::Uuid;

use crate::device::{Device, json, parse};
use crate::error::DeviceError;
use crate::transport::Method;

/// Where they are asked for.
const OWN: &str = "/v1/staff/me/quality-checks";

impl Device {
    /// The checks of the owner's own visits that were scored, oldest first.
    pub async fn own_checks(&self) -> Result<Vec<QualityItem>, DeviceError> {
        let page: Page<QualityItem> = parse(&self.call(self.request(Method::Get, OWN)).await?, "GET own checks")?;
        Ok(page.items)
    }

    /// One of them in full. Opening it is a read on the server.
    pub async fn own_check(&self, check: Uuid, lang: Lang) -> Result<QualityDetail, DeviceError> {
        let mut request = self.request(Method::Get, format!("{OWN}/{check}"));
        request.language = Some(lang);
        parse(&self.call(request).await?, "GET an own check")
    }

    /// Appeals against what was found, once.
    pub async fn own_check_appeal(
        &self,
        check: Uuid,
        (words, lang): (&str, Lang),
    ) -> Result<QualityDetail, DeviceError> {
        let mut request = self.request(Method::Post, format!("{OWN}/{check}/appeal"));
        request.language = Some(lang);
        let words = words.to_owned();
        request.body = Some(json(&AppealQuality { words })?);
        parse(&self.call(request).await?, "POST an appeal")
    }
}
