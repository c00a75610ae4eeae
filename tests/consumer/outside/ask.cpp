// A program from outside: one actor, one question, one answer.
#include <motet/motet.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

struct Question {
    std::string text;
    MOTET_FIELDS(text)
};
MOTET_MESSAGE(Question, "outside.Question");

int main() {
    motet::System system(motet::Config().set("remote.enabled", "off"));
    auto echo = [](motet::Context &context, const Question &question) { context.reply(question); };
    motet::Ref actor = system.spawn(motet::actor(echo), "echo");
    Question answer = system.ask<Question>(actor, Question{"hello from outside"}, 10s).get();
    std::cout << "motet " << motet_version_string() << ": " << answer.text << "\n";
    system.close(10s);
}
