namespace MLNetRecExt.Reports.Sections;

/// <summary>Some users with what they took, and the lists of the two best trainers.</summary>
internal static class UsersSection
{
    private const int Shown = 30, Compared = 2;

    public static void Write(HtmlWriter html, RunRecord record)
    {
        if (record.Users.Count == 0)
        {
            html.Note("The record has no users to look at.");
            return;
        }
        html.Element("p", "Drawn by chance from those judged. A list leaves out what the user has already; "
            + "hits were held out, and are marked ✓.");
        foreach (var (place, user) in record.Users.Take(Shown).Index())
            Show(html, record, user, isOpen: place == 0);
    }

    private static void Show(HtmlWriter html, RunRecord record, RunUser user, bool isOpen)
    {
        var lists = record.Trainers.Where(trainer => user.Lists.ContainsKey(trainer.Name)).Take(Compared)
            .Select(trainer => (trainer.Name, Items: user.Lists[trainer.Name])).ToArray();
        var hits = string.Join(", ", lists.Select(list => $"{list.Name} {list.Items.Count(item => item.IsHit)}"));
        void Content()
        {
            html.Element("summary",
                $"{user.User}: {Figures.Count(user.HistoryLength)} items, {Figures.Count(user.HeldOut.Count)} held out; hits: {hits}");
            html.Element("div", () =>
            {
                Column(html, $"Took {Figures.Count(user.HistoryLength)}", user.History.Select(title => (title, false)));
                Column(html, "Held out", user.HeldOut.Select(title => (title, false)));
                foreach (var (name, items) in lists)
                    Column(html, name, items.Select(item => (item.Item, item.IsHit)));
            }, ("class", "columns"));
        }
        if (isOpen)
            html.Element("details", Content, ("class", "user"), ("open", ""));
        else
            html.Element("details", Content, ("class", "user"));
    }

    private static void Column(HtmlWriter html, string heading, IEnumerable<(string Title, bool IsHit)> items) => html.Element("div", () =>
    {
        html.Element("h3", heading);
        html.Element("ol", () =>
        {
            foreach (var (title, isHit) in items)
                if (isHit)
                    html.Element("li", $"✓ {title}", ("class", "hit"));
                else
                    html.Element("li", title);
        });
    });
}
