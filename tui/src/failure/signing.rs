//! What the device says of partners' signatures, in Chinese; the English sentences are the device's own.

use doorstep_device::DeviceError;

pub(super) fn device_zh(error: &DeviceError) -> Option<String> {
    let statement = |why: &str| Some(format!("同行人员的确认无效：{why}"));
    Some(match error {
        DeviceError::WrongPartnerPin { left: 0, .. } => {
            "这不是同行人员的 PIN 码；其在本机的密钥已销毁，请在有网络时重新建立".to_owned()
        }
        DeviceError::WrongPartnerPin { left, wait_s: 0 } => {
            format!("这不是同行人员的 PIN 码；再连续输错 {left} 次，其在本机的密钥将被销毁")
        }
        DeviceError::WrongPartnerPin { left, wait_s } => {
            format!("这不是同行人员的 PIN 码；再连续输错 {left} 次，其在本机的密钥将被销毁；请等待 {wait_s} 秒后再试")
        }
        DeviceError::NoPartnerKey { .. } => {
            "本机没有该同行人员的密钥；请在有网络时建立：`doorstep device partner add 工号`".to_owned()
        }
        DeviceError::Joined(_) => {
            return statement(match error.code() {
                "joined-visit" => "针对另一次外访，请重新确认本次外访",
                "joined-stale" => "与签到相隔超过半小时，请重新确认",
                "joined-key" => "密钥未知或已终止，请同步或重新建立密钥",
                "joined-device" => "属于另一台设备，请在本机确认",
                "joined-staff" => "密钥属于他人",
                "joined-signature" => "签名不符，内容被改动或从未签名",
                _ => "无法读取，请重新确认",
            });
        }
        _ => return None,
    })
}
