"""A backend of the demo: registers with every frontend and turns the text of jobs into upper case.

python3 backend.py [--key=value ...]     settings also come from MOTET_* of the environment
"""

import asyncio
import sys

import motet


@motet.message("demo.Register")
class Register:
    language: str


@motet.message("demo.Job")
class Job:
    id: int
    text: str
    route: tuple[motet.ActorRef, ...] = ()


@motet.message("demo.Result")
class Result:
    id: int
    text: str
    language: str


class Backend(motet.Actor):
    def pre_start(self, context: motet.Context) -> None:
        context.subscribe("cluster")

    @motet.handles(motet.ClusterState)
    def state(self, context: motet.Context, state: motet.ClusterState) -> None:
        for member in state.members:
            if member.status == "up":
                self.register(context, member)

    @motet.handles(motet.MemberUp)
    def up(self, context: motet.Context, event: motet.MemberUp) -> None:
        self.register(context, event.member)

    @motet.handles(motet.MemberUnreachable, motet.MemberDowned, motet.MemberRemoved)
    def change(self, context: motet.Context, event: motet.MemberEvent) -> None:
        print(f"cluster {type(event).__name__.removeprefix('Member').lower()} {event.member.address}", flush=True)

    def register(self, context: motet.Context, member: motet.Member) -> None:
        if member.has_role("frontend"):
            context.system.ref(f"{member.address}/user/frontend").tell(Register("python"))

    @motet.handles(Job)
    def job(self, context: motet.Context, job: Job) -> None:
        text = job.text.upper()  # the default full case conversion of Unicode, whatever the locale
        if job.route:
            context.forward(job.route[0], Job(job.id, text, job.route[1:]))
        else:
            context.reply(Result(job.id, text, "python"))


async def main(arguments: list[str]) -> None:
    async with motet.System(motet.settings_of(arguments), environment=True) as system:
        system.spawn(Backend, "backend")
        await system.cluster.wait_up(60)
        print(f"ready {system.address}", flush=True)
        await system.run_until_terminated()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
