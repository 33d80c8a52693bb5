using System.Collections.Concurrent;
using System.Reflection;
using System.Xml.Linq;
using System.Xml.XPath;

namespace MLNetRecExt.Tests;

/// <summary>The documentation of our members, from the XML files beside the assemblies, with what <c>inheritdoc</c> brings.</summary>
internal static class XmlDocumentation
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> Files = new();

    /// <summary>Our packages; that of the stock trainer has no types where it could not be built.</summary>
    public static readonly Assembly[] Assemblies =
        [typeof(RecommenderModel).Assembly, typeof(OnnxForm).Assembly, Assembly.Load("MLNetRecExt.Recommender")];

    /// <summary>The elements of a member's documentation; none when it has no documentation.</summary>
    public static IReadOnlyList<XElement> Of(MemberInfo member) => Of(IdOf(member));

    private static List<XElement> Of(string id)
    {
        var found = Assemblies.Select(assembly => Files.GetOrAdd(assembly, Read).GetValueOrDefault(id)).OfType<XElement>().FirstOrDefault();
        var elements = new List<XElement>();
        foreach (var element in found?.Elements() ?? [])
        {
            if (element.Name != "inheritdoc")
            {
                elements.Add(element);
                continue;
            }
            var inherited = new XElement("member", Of(element.Attribute("cref")!.Value));
            var path = element.Attribute("path")?.Value ?? "/*";
            elements.AddRange(inherited.XPathSelectElements("." + path).Where(one => elements.All(own => Key(own) != Key(one))));
        }
        return elements;

        static (string, string?) Key(XElement element) =>
            (element.Name.LocalName, (element.Attribute("name") ?? element.Attribute("cref"))?.Value);
    }

    private static Dictionary<string, XElement> Read(Assembly assembly) => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"))
        .Descendants("member").ToDictionary(element => element.Attribute("name")!.Value);

    /// <summary>A member's name as the C# specification has it for documentation files (annex D.4).</summary>
    private static string IdOf(MemberInfo member)
    {
        if (member is Type type)
            return "T:" + NameOf(type);
        var name = $"{NameOf(member.DeclaringType!)}.{member.Name}";
        return member switch
        {
            FieldInfo => "F:" + name,
            PropertyInfo => "P:" + name,
            MethodInfo method => $"M:{name}{(method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "")}"
                + $"({string.Join(",", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)))})",
            _ => throw new ArgumentException($"{member.MemberType} has no name here.", nameof(member)),
        };
    }

    private static string NameOf(Type type)
    {
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter)
            return $"{(type.DeclaringMethod is null ? "`" : "``")}{type.GenericParameterPosition}";
        var name = type.IsNested ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : $"{type.Namespace}.{type.Name}";
        return type.IsConstructedGenericType
            ? $"{name[..name.IndexOf('`')]}{{{string.Join(",", type.GetGenericArguments().Select(NameOf))}}}"
            : name;
    }
}
