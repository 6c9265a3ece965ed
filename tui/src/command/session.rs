//! `login`, `logout`, `whoami`.

use crate::answer::Answer;
use crate::client::Client;
use crate::context::Context;
use crate::failure::Failure;
use crate::session::Session;
use crate::text::{Text, label, or_dash, pick};
use crate::times;
use clap::Args;
use doorstep_domain::staff::Role;
use doorstep_wire::problem::ProblemCode;
use doorstep_wire::session::{Me, SignIn, SignedIn};
use serde_json::json;
use uuid::Uuid;

/// Who signs in.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// Staff number or another login
    #[arg(long, value_name = "NUMBER")]
    user: String,
    /// The tenant, where the same login exists in several
    #[arg(long, value_name = "ID")]
    tenant: Option<Uuid>,
    /// Read the password from the standard input; otherwise `DOORSTEP_PASSWORD`, otherwise asked for
    #[arg(long)]
    password_stdin: bool,
    /// Choose a new password; with `--password-stdin` it is the second line
    #[arg(long)]
    new_password: bool,
}

/// Opens a session and keeps it.
pub(crate) async fn login(args: &LoginArgs, context: &mut Context<'_>) -> Result<Answer, Failure> {
    let server = context.server();
    let client = context.client_without_session()?;
    if Client::is_in_the_clear(&server) {
        let (english, chinese) = (
            "Warning: the password crosses the network in the clear; use https.\n",
            "警告：密码将以明文经过网络，请使用 https。\n",
        );
        context.talk(pick(context.lang, english, chinese))?;
    }
    let mut request = request(args, context)?;
    let mut answer = client.post("sessions", &request).await;
    if let Err(Failure::Problem(problem)) = &answer
        && problem.code == ProblemCode::PasswordChangeNeeded.code()
        && !args.password_stdin
    {
        let (english, chinese) = (
            "An administrator set this password. Choose your own now.\n",
            "此密码由管理员设置，请现在另设新密码。\n",
        );
        context.talk(pick(context.lang, english, chinese))?;
        request.new_password = Some(context.new_secret(false)?);
        answer = client.post("sessions", &request).await;
    }
    let signed_in: SignedIn = answer?;
    Session::new(&server, &signed_in).store(&context.session_file)?;
    let mut text = Text::new(context.lang);
    about_me(&mut text, &server, &signed_in.me);
    text.fact("until", "有效至", times::at(signed_in.expires, &context.zone));
    let document = json!({ "server": server, "expires": signed_in.expires, "me": signed_in.me });
    Ok(Answer::new(&document, text.finish()))
}

/// What is asked of the server: secrets come from the standard input, the environment or a person, in this order.
fn request(args: &LoginArgs, context: &mut Context<'_>) -> Result<SignIn, Failure> {
    let input = if args.password_stdin {
        context.out.input()?
    } else {
        String::new()
    };
    let mut lines = input.lines().map(str::to_owned);
    let password = match (lines.next(), &context.env.password) {
        (Some(line), _) => line,
        (None, Some(password)) if !args.password_stdin => password.clone(),
        (None, _) => context.secret(false, pick(context.lang, "Password:", "密码："))?,
    };
    let new_password = match (args.new_password, lines.next()) {
        (false, _) => None,
        (true, Some(line)) => Some(line),
        (true, None) => Some(context.new_secret(false)?),
    };
    Ok(SignIn {
        login: args.user.clone(),
        password,
        tenant: args.tenant,
        new_password,
    })
}

/// Ends the session, here in any case and at the server where it can be reached.
pub(crate) async fn logout(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let client = context.client()?;
    let outcome = client.delete("sessions/current").await;
    Session::remove(&context.session_file)?;
    outcome?;
    let text = pick(context.lang, "Signed out.\n", "已退出登录。\n");
    Ok(Answer::new(&json!({ "signed_out": true }), text.to_owned()))
}

/// Says who the server takes the caller for.
pub(crate) async fn whoami(context: &mut Context<'_>) -> Result<Answer, Failure> {
    let me: Me = context.client()?.get("me", &()).await?;
    let mut text = Text::new(context.lang);
    about_me(&mut text, &context.server(), &me);
    Ok(Answer::new(&me, text.finish()))
}

fn about_me(text: &mut Text, server: &str, me: &Me) {
    let lang = text.lang;
    let id = |id: Option<Uuid>| or_dash(id.map(|id| id.to_string()).as_deref());
    text.fact("server", "服务器", server);
    text.fact("tenant", "机构", me.tenant.to_string());
    text.fact("staff", "人员", me.staff.to_string());
    text.fact("role", "角色", label::<Role>(lang, &me.role));
    text.fact("team", "团队", id(me.team));
    text.fact("agency", "委外机构", id(me.agency));
}
