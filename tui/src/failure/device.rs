//! What the device says, in Chinese; the English sentences are the device's own.

use doorstep_device::DeviceError;

/// What the device says to people who type its PIN, in their language.
pub(super) fn device_zh(error: &DeviceError) -> Option<String> {
    Some(match error {
        DeviceError::WrongPin { left: 0, .. } => {
            "PIN 码错误；本机的外访任务与许可已清除，未发送的记录仍保留，请联系办公室".to_owned()
        }
        DeviceError::WrongPin { left, wait_s: 0 } => {
            format!("PIN 码错误；再连续输错 {left} 次，外访任务与许可将被清除")
        }
        DeviceError::WrongPin { left, wait_s } => {
            format!("PIN 码错误；再连续输错 {left} 次，外访任务与许可将被清除；请等待 {wait_s} 秒后再试")
        }
        DeviceError::PinWait { seconds } => format!("PIN 码输错次数过多，请等待 {seconds} 秒后再试"),
        DeviceError::PinWeak { .. } => {
            "此 PIN 码不可用：需 6 至 64 个字符，不能全部相同，也不能是 123456 之类的顺序".to_owned()
        }
        DeviceError::NoSuchConflict { conflict } => {
            format!("本机没有冲突 {conflict}；请先同步，可能已处理；核实本人身份后才显示所争内容")
        }
        DeviceError::StopCode => "该外访的通知没有此停止码；请核对后重试，若对方要求请直接离开".to_owned(),
        DeviceError::NoOffice { visit } => format!("外访 {visit} 的回执需要当日许可；请先同步再出具"),
        DeviceError::ConflictSettled { conflict } => format!("冲突 {conflict} 已在本机处理；请同步后查看结果"),
        DeviceError::TooOld => "本程序版本过旧，服务器不再接受；数据都已保留，请更新本程序后再同步".to_owned(),
        DeviceError::TooNew => {
            "服务器版本过旧，无法接受本程序；数据都已保留，请联系办公室更新服务器后再同步".to_owned()
        }
        DeviceError::SchemaNewer { version } => {
            format!("本机数据库（结构版本 {version}）由更新的程序写成；未作任何改动，请更新本程序")
        }
        other => return signing_zh(other),
    })
}

/// What it says of partners' signatures.
fn signing_zh(error: &DeviceError) -> Option<String> {
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
